"""Serves the HTTP interface over one open engine, and ends within 10 s of SIGTERM."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator

import uvicorn
import uvloop

from infra.embedded.clickhouse.application import Application
from infra.embedded.clickhouse.confinement import Confinement
from infra.embedded.clickhouse.engine import Engine
from infra.embedded.clickhouse.settings import Settings
from runtime.connection_limits import ConnectionLimits
from runtime.guarded_protocol import guarded
from runtime.logging import get_logger

_LOG = get_logger(__name__)
_FINISH_SECONDS = 4  # for requests under way
_CANCEL_SECONDS = 3.0  # for statements that were cancelled then
# Queries may stand in the URL, and inserts and results take as long as they take.
_LIMITS = ConnectionLimits(
    max_url_bytes=1 << 20, max_head_bytes=1 << 21, max_headers=1000, body_seconds=None, write_seconds=300
)


class _Server(uvicorn.Server):
    """uvicorn that leaves signals alone: they are caught before the engine opens and until it is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def run(settings: Settings, password: str, listener: socket.socket, confinement: Confinement) -> None:
    """Open the engine and serve until a signal."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, password, listener, confinement))


async def _serve(
    settings: Settings, password: str, listener: socket.socket, confinement: Confinement
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine = Engine(settings)
    logging.getLogger("uvicorn.error").addFilter(_is_no_cut_response)
    config = uvicorn.Config(
        Application(engine, settings, password, confinement),
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
