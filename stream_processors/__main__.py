"""Run the Faust worker: wait for Kafka, then hand the event loop to Faust until a signal or a failure."""

import asyncio
import gc
import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, NoReturn

import faust
from setproctitle import setproctitle

from runtime.logging import configure, get_logger
from runtime.settings import SettingsError
from runtime.waiting import wait_for_topics
from schemas.topics import DERIVED_TOPICS, Topic
from stream_processors.app import build_app
from stream_processors.exiting import give_up
from stream_processors.settings import ProcessorSettings
from stream_processors.worker import SERVICE, TelemetryWorker

_log = get_logger(__name__)
_TITLE = f"promethios: {SERVICE}"
_TOPICS = (
    Topic.TELEMETRY,
    Topic.TELEMETRY_DEAD_LETTERS,
    Topic.PROCESSOR_STATE,
    Topic.TRUST_MODELS,
    *DERIVED_TOPICS,
)
_STOP_SECONDS = 8.0
_CHATTY = ("faust", "mode", "aiokafka")


class ProcessorWorker(faust.Worker):
    """Faust's runner with our process title and logs, and with an end to the time that stopping may take."""

    def _setproctitle(self, info: str, *, ident: str = "") -> None:
        """Keep the title by which the supervisor knows us."""

    def _schedule_shutdown(self, signal: signal.Signals) -> None:
        timer = threading.Timer(_STOP_SECONDS, _end_now)
        timer.daemon = True
        timer.start()
        super()._schedule_shutdown(signal)


def _end_now() -> NoReturn:
    # The broker is away, or Faust hangs. What is not stored will be absorbed again.
    _log.warning("processors_stopped_late")
    logging.shutdown()
    os._exit(0)


def main() -> None:
    """Run until SIGTERM or SIGINT; exit code 0 then, another after a failure."""
    setproctitle(_TITLE)
    try:
        settings = ProcessorSettings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    configure(SERVICE, settings.log_level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = TelemetryWorker(settings, give_up)
    _spare_the_collector()
    if loop.run_until_complete(_start(settings, worker)):
        _run_faust(loop, settings, worker)


def _spare_the_collector() -> None:
    """States live for long and hold no cycles: a collection of 100,000 agents finds nothing, for a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _start(settings: ProcessorSettings, worker: TelemetryWorker) -> bool:
    """Wait for the topics and start what is not Faust; False when a signal came first."""
    starting = asyncio.ensure_future(_get_ready(settings, worker))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, starting.cancel)
    try:
        await starting
    except asyncio.CancelledError:
        return False
    return True


async def _get_ready(settings: ProcessorSettings, worker: TelemetryWorker) -> None:
    await wait_for_topics(settings.kafka, _TOPICS, client_id=SERVICE)
    await worker.start()


def _run_faust(
    loop: asyncio.AbstractEventLoop, settings: ProcessorSettings, worker: TelemetryWorker
) -> NoReturn:
    with tempfile.TemporaryDirectory(prefix="promethios-faust-") as folder:
        app = build_app(settings.kafka, worker, Path(folder), settings.processors_instance)
        options: dict[str, Any] = {"override_logging": False, "redirect_stdouts": False, "quiet": True}
        runner = ProcessorWorker(app, loop=loop, **options)
        runner.spinner = None
        runner.execute_from_commandline()


if __name__ == "__main__":
    main()
