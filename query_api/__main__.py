"""Run the query API: `python -m query_api`."""

import signal
import socket
import sys

import uvicorn
from setproctitle import setproctitle

from query_api.app import create_app
from query_api.services import Services
from query_api.settings import QuerySettings
from runtime import logging
from runtime.connection_limits import ConnectionLimits
from runtime.guarded_protocol import guarded
from runtime.settings import SettingsError

_SERVICE = "query"
_GRACE_SECONDS = 5
_BACKLOG = 2048
# Readers of live tails have nothing to say.
_MOST_FROM_SOCKET = 4096


def main() -> None:
    """Serve until SIGTERM or SIGINT; exits with one sentence when the settings or the port do not do."""
    setproctitle(f"promethios: {_SERVICE}")
    try:
        settings = QuerySettings.from_env()
        app = create_app(settings)
        listener = _listen(settings.query_host, settings.query_port)
    except (SettingsError, OSError) as error:
        sys.exit(str(error))
    logging.configure(_SERVICE, settings.log_level)
    config = uvicorn.Config(
        app,
        http=guarded(ConnectionLimits(), websockets=True),
        ws="websockets-sansio",
        ws_max_size=_MOST_FROM_SOCKET,
        # Logs compress well, but five hundred times is too dear.
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        # Who may say whom they speak for is a setting of ours.
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config, app.state.services)
    _end_cleanly(server)
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Lets live tails end first when it stops, which it would wait for."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's."""
        self._services.end_tails()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=_BACKLOG, reuse_port=False)
    except OSError as error:
        raise OSError(f"The query API cannot listen on {host}:{port}: {error.strerror}") from error


def _end_cleanly(server: uvicorn.Server) -> None:
    # uvicorn raises the signal again once it has shut down; met by this handler, the exit code stays 0.
    def end(_number: int, _frame: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


if __name__ == "__main__":
    main()
