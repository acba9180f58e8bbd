"""The parts of the process and their readiness: connects with back-off, follows the control topics."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from ingest_gateway.auth import KeyIndex
from ingest_gateway.authentication import Authenticator
from ingest_gateway.coalescer import Coalescer
from ingest_gateway.control_source import ControlSource
from ingest_gateway.disk_guard import DiskGuard
from ingest_gateway.errors import NOT_READY
from ingest_gateway.limits import Limits
from ingest_gateway.metrics import GatewayMetrics
from ingest_gateway.price_index import PriceIndex
from ingest_gateway.privacy_index import PrivacyIndex
from ingest_gateway.sink import Sink, SinkError
from runtime.logging import get_logger
from runtime.problems import ProblemError

_log = get_logger(__name__)
_FIRST_READ_SECONDS = 30.0
_WATCH_SECONDS = 0.5
_DRAIN_SECONDS = 2.0
# Longer than the control topics take to move to another broker; then a revoked key could still be taken.
_MOST_SILENT_SECONDS = 10.0


class ControlLostError(Exception):
    """The control topics are no longer followed, so that a revoked key would go unnoticed."""


class Intake(NamedTuple):
    """What a request needs once the gateway is ready."""

    keys: KeyIndex
    privacy: PrivacyIndex
    prices: PriceIndex
    coalescer: Coalescer


class Gateway:
    """Sink, coalescer and keys; not ready until all are there, and not while one is lost."""

    def __init__(  # noqa: PLR0913 - the parts of the process
        self,
        sink: Sink,
        control: Callable[[], ControlSource],
        limits: Limits,
        metrics: GatewayMetrics,
        disk: DiskGuard | None = None,
        *,
        authenticator: Authenticator | None = None,
    ) -> None:
        """`control` makes a new reader, because one that has failed cannot be started again.

        Without `disk` nobody minds how full the broker's disk is; without `authenticator` no proxy is
        trusted, and nobody learns which keys are used.
        """
        self.limits = limits
        self.metrics = metrics
        self.authenticator = authenticator or Authenticator()
        self._sink = sink
        self._new_control = control
        self._control: ControlSource | None = None
        self._intake: Intake | None = None
        self._coalescer: Coalescer | None = None
        self._disk = disk
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._tasks.append(asyncio.create_task(self._run(), name="gateway"))
        if self._disk is not None:
            disk = self._disk
            self.metrics.log_full.set_function(lambda: disk.is_full)
            self._tasks.append(asyncio.create_task(disk.run(), name="disk guard"))

    def intake(self) -> Intake:
        """What is needed to take a request.

        Raises:
            ProblemError: the gateway is not ready, or there is no room in the log.
        """
        if self._intake is None:
            raise ProblemError(NOT_READY, "nothing was stored: send again")
        if self._disk is not None:
            self._disk.check()
        return self._intake

    @property
    def checks(self) -> dict[str, bool]:
        """What readiness depends on; a full log does not count, because "send again" is a ready answer."""
        coalescer = self._coalescer
        kafka = coalescer is not None and not coalescer.is_late and self._sink.is_connected
        return {"kafka": kafka, "control": self._intake is not None}

    @property
    def control_offsets(self) -> Mapping[str, int]:
        """For each control topic the offset that is applied next."""
        return self._control.applied if self._control is not None else {}

    async def stop(self) -> None:
        """Send what has been accepted and disconnect; takes a few seconds at most."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._coalescer is not None:
            try:
                async with asyncio.timeout(_DRAIN_SECONDS):
                    await self._coalescer.drain()
            except TimeoutError:
                _log.warning("stopped_with_blocks_unacknowledged", bytes=self._coalescer.unacknowledged_bytes)
        await self._sink.stop()

    async def _run(self) -> None:
        partitions = await self._connect()
        coalescer = self._coalescer = Coalescer(self._sink, self.limits, self.metrics.count_block)
        self.metrics.unacknowledged_bytes.set_function(lambda: coalescer.unacknowledged_bytes)
        self.metrics.unacknowledged_limit.set(self.limits.unacknowledged_bytes)
        while True:
            try:
                await self._follow(partitions, coalescer)
            except Exception as error:  # noqa: BLE001 - whatever it is: not ready, and tried again
                _log.warning("control_topics_not_followed", reason=repr(error))
            await asyncio.sleep(_WATCH_SECONDS)

    async def _connect(self) -> int:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(SinkError),
            wait=wait_exponential(multiplier=0.1, max=2.0),
            before_sleep=_log_retry,
        )
        partitions: int = await retrying(self._sink.start)
        _log.info("kafka_connected", partitions=partitions)
        return partitions

    async def _follow(self, partitions: int, coalescer: Coalescer) -> None:
        """Read the control topics to their end, then be ready for as long as they are followed."""
        keys, privacy, prices = KeyIndex(partitions), PrivacyIndex(), PriceIndex()
        control = self._new_control()
        control.subscribe(keys.apply)
        control.subscribe(privacy.apply)
        control.subscribe(prices.apply)
        try:
            async with asyncio.timeout(_FIRST_READ_SECONDS):
                await control.start()
            self._control, intake = control, Intake(keys, privacy, prices, coalescer)
            _log.info("ready", control=dict(control.applied))
            while control.following:
                self._heed_silence(control.silent_seconds, intake)
                await asyncio.sleep(_WATCH_SECONDS)
            raise ControlLostError("the reader has ended")
        finally:
            self._control = self._intake = None
            await control.stop()

    def _heed_silence(self, seconds: float, intake: Intake) -> None:
        """Take reports while changes of keys would be noticed."""
        if seconds < _MOST_SILENT_SECONDS:
            self._intake = intake
        elif self._intake is not None:
            self._intake = None
            _log.warning("control_topics_silent", seconds=seconds)


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    _log.warning("waiting_for_kafka", reason=str(error), attempt=state.attempt_number)
