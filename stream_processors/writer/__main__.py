"""Run the writer: `python -m stream_processors.writer`."""

import asyncio
import contextlib
import signal
import sys

from setproctitle import setproctitle

from runtime import logging
from runtime.settings import SettingsError
from schemas.errors import InvalidMessageError
from schemas.topics import Service
from stream_processors.state.bounds import StateMismatchError
from stream_processors.writer.app import Writer
from stream_processors.writer.settings import WriterSettings
from stream_processors.writer.watchdog import StalledError

_log = logging.get_logger(__name__)


async def _serve(settings: WriterSettings) -> None:
    writing = asyncio.create_task(Writer(settings).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, writing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await writing


def main() -> None:
    """Write until told to stop; the exit code is 1 for what a restart, or an operator, must mend."""
    setproctitle(f"promethios: {Service.WRITER}")
    try:
        settings = WriterSettings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    logging.configure(Service.WRITER.value, settings.log_level)
    try:
        asyncio.run(_serve(settings))
    except (StateMismatchError, StalledError, InvalidMessageError) as error:
        _log.critical("writer_stopped", reason=str(error))
        sys.exit(1)
    except Exception:
        _log.critical("writer_failed", exc_info=True)
        raise


if __name__ == "__main__":
    main()
