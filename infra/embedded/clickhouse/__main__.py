"""`python -m infra.embedded.clickhouse`: open the data folder, listen, and end within 10 s of SIGTERM."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator

import setproctitle
import uvicorn
import uvloop
from filelock import FileLock, Timeout

from infra.embedded.clickhouse.application import Application
from infra.embedded.clickhouse.engine import Engine
from infra.embedded.clickhouse.settings import Settings
from runtime.connection_limits import ConnectionLimits
from runtime.guarded_protocol import guarded
from runtime.logging import configure, get_logger
from runtime.settings import SettingsError

_LOG = get_logger(__name__)
_FINISH_SECONDS = 4  # for requests under way
_CANCEL_SECONDS = 3.0  # for statements that were cancelled then
# Queries may stand in the URL, and inserts and results take as long as they take.
_LIMITS = ConnectionLimits(
    max_url_bytes=1 << 20, max_head_bytes=1 << 21, max_headers=1000, body_seconds=None, write_seconds=300
)
_SET_PATH = "set PROMETHIOS_CLICKHOUSE_PATH to another folder"
_SET_PORT = "set PROMETHIOS_CLICKHOUSE_PORT to another port"


def main() -> int:
    """Run until a signal; returns the process's exit code."""
    setproctitle.setproctitle("promethios: clickhouse")
    try:
        settings = Settings.from_env()
        password = settings.read_password()
    except SettingsError as error:
        return _refuse(str(error))
    lock = FileLock(settings.path / "promethios.lock")
    try:
        settings.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        return _refuse(f"another process already uses {settings.path}: stop it, or {_SET_PATH}")
    except OSError as error:
        return _refuse(f"cannot use {settings.path}: {error.strerror}; {_SET_PATH}")
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        return _refuse(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; {_SET_PORT}")
    configure("clickhouse", settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, password, listener))
    sys.stderr.flush()
    os._exit(0)  # statements that could not be cancelled must not hold the process; the data folder bears it


class _Server(uvicorn.Server):
    """uvicorn that leaves signals alone: they are caught before the engine opens and until it is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _serve(settings: Settings, password: str, listener: socket.socket) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine = Engine(settings)
    logging.getLogger("uvicorn.error").addFilter(_is_no_cut_response)
    config = uvicorn.Config(
        Application(engine, settings, password),
        http=guarded(_LIMITS),
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_FINISH_SECONDS,
    )
    server = _Server(config)
    host, port = listener.getsockname()[:2]
    _LOG.info("listening", host=host, port=port, version=engine.version)
    serving = asyncio.create_task(server.serve([listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    await engine.close(_CANCEL_SECONDS)
    _LOG.info("stopped")


def _is_no_cut_response(record: logging.LogRecord) -> bool:
    """A failed stream is cut on purpose, which uvicorn calls an error of the application."""
    return record.msg != "ASGI callable returned without completing response."


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _refuse(why: str) -> int:
    sys.stderr.write(f"promethios: clickhouse: {why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
