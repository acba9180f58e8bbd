"""`python -m infra.embedded.clickhouse`: open the data folder, listen, and end within 10 s of SIGTERM."""

import os
import socket
import sys

import setproctitle
from filelock import FileLock, Timeout

from infra.embedded.clickhouse.confinement import Confinement, ConfinementMode, confine
from infra.embedded.clickhouse.settings import Settings
from runtime.logging import configure, get_logger
from runtime.settings import SettingsError

_LOG = get_logger(__name__)
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
    try:
        confinement = _confine(settings)
    except SettingsError as error:
        return _refuse(str(error))
    # The engine starts threads as soon as it is imported, and these have to be confined too.
    from infra.embedded.clickhouse.serving import run  # noqa: PLC0415 - see above

    run(settings, password, listener, confinement)
    sys.stderr.flush()
    os._exit(0)  # statements that could not be cancelled must not hold the process; the data folder bears it


def _confine(settings: Settings) -> Confinement:
    try:
        confinement = confine(settings.path, settings.confinement)
    except OSError as error:
        raise SettingsError(
            f"the kernel does not confine this process: {error.strerror}; "
            "set PROMETHIOS_CLICKHOUSE_CONFINEMENT=off to do without"
        ) from error
    if confinement.complete:
        _LOG.info("confined", to=str(settings.path))
    elif settings.confinement is ConfinementMode.REQUIRED:
        raise SettingsError(f"PROMETHIOS_CLICKHOUSE_CONFINEMENT is required, but {confinement.missing}")
    else:
        _LOG.warning("not_confined", why=confinement.missing)
    return confinement


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
