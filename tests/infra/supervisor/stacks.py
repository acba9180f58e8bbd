"""A stack file for tests."""

import pytest

from infra.supervisor.data_folder import DataFolder
from infra.supervisor.ports import DEFAULT_PORTS
from infra.supervisor.stack_file import OwnBroker, StackFile
from runtime.settings import KafkaAddress
from tests.embedded_broker import PASSWORDS

BROKER = OwnBroker(advertised_host="127.0.0.1", internal_port=41000)


def stack_file(
    *,
    host: str = "127.0.0.1",
    ports: dict[str, int] | None = None,
    workers: int = 1,
    sockets: str = "/run",
    broker: OwnBroker | None = BROKER,
) -> StackFile:
    """A stack as `up` describes it, with the default ports and a broker of its own unless told otherwise."""
    return StackFile(
        host=host,
        ports=dict(DEFAULT_PORTS) if ports is None else ports,
        gateway_sockets=[f"{sockets}/gateway-{worker}.sock" for worker in range(workers)],
        supervisor_socket=f"{sockets}/supervisor.sock",
        kafka_disk_cap_bytes=20 * 1024**3,
        partitions=4,
        broker=broker,
    )


def own_stack(folder: DataFolder, address: KafkaAddress) -> StackFile:
    """A stack whose own broker is the one at `address`, with its passwords in the folder."""
    host, _, port = address.bootstrap_servers.partition(":")
    if host != "127.0.0.1" or address.username not in PASSWORDS:
        pytest.skip("needs an embedded broker")
    folder.kafka_passwords.mkdir(parents=True)
    for user, password in PASSWORDS.items():
        (folder.kafka_passwords / user).write_text(password)
    return stack_file(broker=OwnBroker(advertised_host=host, internal_port=int(port)))
