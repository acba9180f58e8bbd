"""Start supervisord, ask it and stop it, through its Unix socket."""

import contextlib
import http.client
import os
import pwd
import resource
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from supervisor.xmlrpc import SupervisorTransport

from infra.errors import StackError
from infra.supervisor.configuration import SOCKET_NAME, render
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.services import Service
from infra.supervisor.settings import child_environment

_START_SECONDS = 60.0
_POLL_SECONDS = 0.05
_SHUT_DOWN_TRIES = 5


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A supervised process: `pid` is 0 where there is none; `state` is supervisord's, in lower case."""

    name: str
    pid: int
    state: str


class Supervisor:
    """The supervisord of one stack, known by its socket."""

    def __init__(self, socket: Path) -> None:
        """Speak to the supervisord at `socket`, which need not run."""
        self._socket = socket

    def states(self) -> list[ServiceState] | None:
        """The supervised processes, or None when supervisord does not answer."""
        with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Error), self._rpc() as rpc:
            infos = rpc.supervisor.getAllProcessInfo()
            assert isinstance(infos, list)  # noqa: S101 - narrows what XML-RPC cannot type
            return [ServiceState(info["name"], info["pid"], info["statename"].lower()) for info in infos]
        return None

    def pid(self) -> int | None:
        """The process id of supervisord, or None when it does not answer."""
        with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Error), self._rpc() as rpc:
            return int(str(rpc.supervisor.getPID()))
        return None

    def shut_down(self) -> None:
        """Ask supervisord to stop everything in order and end; does nothing when it is gone already.

        Asks again when the connection breaks: the request may not have arrived, and twice is as good as once.
        """
        for _ in range(_SHUT_DOWN_TRIES):
            try:
                with self._rpc() as rpc:
                    rpc.supervisor.shutdown()
            except (FileNotFoundError, ConnectionRefusedError, xmlrpc.client.Error):
                return
            except (OSError, http.client.HTTPException):
                time.sleep(_POLL_SECONDS)
            else:
                return

    @contextmanager
    def _rpc(self) -> Iterator[xmlrpc.client.ServerProxy]:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            yield proxy


def socket_of(folder: DataFolder) -> Path:
    """Where the stack's supervisord listens."""
    return folder.sockets / SOCKET_NAME


def launch(
    folder: DataFolder, services: list[Service], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start supervisord, which starts the services, in a session of its own: Ctrl-C does not reach it.

    Raises:
        StackError: it ended or did not answer.
    """
    configuration = folder.run / "supervisord.conf"
    user = pwd.getpwuid(0).pw_name if os.geteuid() == 0 else None
    configuration.write_text(render(services, user=user), encoding="utf-8")
    for stale in folder.run.glob("*.health"):
        stale.unlink()
    _raise_file_limit()
    with (folder.logs / "supervisor.err").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            cwd=folder.run,
            env=child_environment(environment),
            start_new_session=True,
        )
    _wait_until_answering(process, folder)
    return process


def _wait_until_answering(process: subprocess.Popen[bytes], folder: DataFolder) -> None:
    supervisor = Supervisor(socket_of(folder))
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if supervisor.pid() is not None:
            return
        if process.poll() is not None:
            break
        time.sleep(_POLL_SECONDS)
    process.kill()
    process.wait()
    errors = (folder.logs / "supervisor.err").read_text(encoding="utf-8", errors="replace").strip()
    raise StackError(f"The process supervisor did not start; it said: {errors or 'nothing'}")


def _raise_file_limit() -> None:
    # The engines keep a file open for each segment and part, and the usual soft limit is 1,024.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65536
    if soft < wanted:
        with contextlib.suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, 65536), hard))
