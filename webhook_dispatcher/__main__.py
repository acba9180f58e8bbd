"""Run the dispatcher: `python -m webhook_dispatcher`."""

import asyncio
import contextlib
import signal
import sys

from setproctitle import setproctitle

from runtime import logging
from runtime.settings import SettingsError
from schemas.topics import Service
from webhook_dispatcher.app import Dispatcher
from webhook_dispatcher.settings import WebhookSettings

_log = logging.get_logger(__name__)


async def _serve(settings: WebhookSettings) -> None:
    dispatching = asyncio.create_task(Dispatcher(settings).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, dispatching.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await dispatching


def main() -> None:
    """Deliver until told to stop; another exit code than 0 is for what a restart may mend."""
    setproctitle(f"promethios: {Service.WEBHOOKS}")
    try:
        settings = WebhookSettings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    logging.configure(Service.WEBHOOKS.value, settings.log_level)
    try:
        asyncio.run(_serve(settings))
    except Exception:
        _log.critical("webhooks_failed", exc_info=True)
        raise


if __name__ == "__main__":
    main()
