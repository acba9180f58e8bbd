"""`stack.json`: what other commands and the services must know of a stack; holds no secret."""

import os
from pathlib import Path

import msgspec

from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder


class OwnBroker(msgspec.Struct, frozen=True, kw_only=True):
    """The stack's own broker: by what others reach it, and on which loopback port it asks for a password."""

    advertised_host: str
    internal_port: int


class StackFile(msgspec.Struct, frozen=True, kw_only=True):
    """A started stack; `ports` names only the parts that it runs itself.

    `gateway_sockets` are Unix sockets, one a gateway process, each serving that process's own routes. Without
    `broker` Kafka is external.
    """

    host: str
    ports: dict[str, int]
    gateway_sockets: list[str]
    supervisor_socket: str
    kafka_disk_cap_bytes: int
    partitions: int
    broker: OwnBroker | None = None

    @property
    def gateway_workers(self) -> int:
        """How many gateway processes share the gateway's port."""
        return len(self.gateway_sockets)


def write(folder: DataFolder, stack: StackFile) -> None:
    """Put the file in place by one rename."""
    temporary = folder.stack_file.with_name(f"stack.json.{os.getpid()}.tmp")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(stack), indent=2) + b"\n")
    temporary.replace(folder.stack_file)


def read(folder: DataFolder) -> StackFile:
    """Read the file of a stack that has been started at least once.

    Raises:
        StackError: there is none, or it is damaged.
    """
    stack = read_if_any(folder.stack_file)
    if stack is None:
        raise StackError(
            f"There is no stack in {folder.root}: start one with `promethios up --data-dir {folder.root}`."
        )
    return stack


def read_if_any(path: Path) -> StackFile | None:
    """Read the file, or return None when there is none.

    Raises:
        StackError: it is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=StackFile)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise StackError(f"{path} is damaged ({error}): remove it and run `promethios up` again.") from error
