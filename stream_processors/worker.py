"""The worker apart from Faust: partitions come and go, records are taken, checkpoints follow."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence

import msgspec
from aiokafka.errors import KafkaError

from runtime.control_log import ControlReader
from runtime.health import HealthServer
from runtime.logging import get_logger
from runtime.restarting_producer import RestartingProducer
from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from stream_processors.checkpoint.checkpointer import Checkpointer
from stream_processors.checkpoint.owned import Acknowledge, OwnedPartition
from stream_processors.checkpoint.partitions import Partitions
from stream_processors.checkpoint.pulse import GroupPulse
from stream_processors.checkpoint.recovery import Recovered, Recovery
from stream_processors.checkpoint.store import CheckpointStore
from stream_processors.control_feed import FED_TYPES, ControlFeed
from stream_processors.exiting import GiveUp
from stream_processors.failpoints import Failpoint
from stream_processors.halting import GivenUp
from stream_processors.log_record import LogRecord
from stream_processors.metrics import ProcessorMetrics
from stream_processors.settings import ProcessorSettings
from stream_processors.state.bounds import StateMismatchError
from stream_processors.state.log import StateLog
from stream_processors.ticks import Ticker
from stream_processors.watchdog import LoopWatch, ProgressWatch

_log = get_logger(__name__)

SERVICE = "processors"
SESSION_SECONDS = 10.0
# A heartbeat comes every 3 s; one that is this late may mean that the group has given us up.
_PULSE_SECONDS = SESSION_SECONDS / 2
_UNSETTLED_SECONDS = 120.0
_WATCH_SECONDS = 1.0
_RETRY_SECONDS = 1.0
# For so long records are absorbed without a pause.
_STRETCH_SECONDS = 0.005
_CONTROL_CLIENT = "promethios-processors-control"
_STOP_SECONDS = 4.0
_FED_TYPES: dict[str, type[msgspec.Struct]] = {str(topic): data for topic, data in FED_TYPES.items()}


class TelemetryWorker:
    """Everything that one process holds; Faust tells it of assignments and hands it records."""

    def __init__(self, settings: ProcessorSettings, give_up: GiveUp) -> None:
        """Make the parts; nothing is started or connected before `start`."""
        address = settings.kafka
        self.pulse = GroupPulse(_PULSE_SECONDS)
        self.metrics = ProcessorMetrics()
        self._give_up = give_up
        # Told of a partition of which nothing more is to be fetched; whoever fetches sets it.
        self.hold: Callable[[int], object] = lambda _: None
        self._halt_limit = settings.halt_limit
        self._halted: set[int] = set()
        self._partitions = Partitions()
        self._outputs = RestartingProducer(address, client_id="promethios-processors-outputs")
        self._tick_producer = RestartingProducer(address, client_id="promethios-processors-ticks")
        self._ticker = Ticker(self._tick_producer)
        self._address = address
        self._control: ControlReader | None = None
        self._control_feed = ControlFeed(self._tick_producer)
        self._state_log = StateLog(Topic.PROCESSOR_STATE, address, client_id="promethios-processors-state")
        store = CheckpointStore(
            self._outputs, self._state_log, Failpoint(settings.failpoint), self._may_write
        )
        self._checkpointer = Checkpointer(self._partitions, store, self._may_write, self.metrics)
        self._recovery = Recovery(address, self._state_log)
        self._health = HealthServer(SERVICE, settings.run_dir, self._checks, self.metrics.registry)
        self._progress = ProgressWatch()
        self._loop_watch = LoopWatch(give_up)
        self._unsettled_since: float | None = time.monotonic()
        self._loaded = 0
        self._rested = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read the control topics, listen for health checks, begin to make checkpoints and to keep watch."""
        self._control = ControlReader(self._address, _FED_TYPES, _CONTROL_CLIENT)
        self._control.subscribe(self._control_feed.notice)
        await self._control.start()
        await self._health.start()
        self._loop_watch.start()
        self._tasks = [
            asyncio.create_task(self._guard(self._checkpointer.run()), name="checkpointer"),
            asyncio.create_task(self._guard(self._keep_watch()), name="watch"),
        ]

    async def stop(self) -> None:
        """Store and acknowledge what was absorbed, as far as a few seconds allow, and disconnect."""
        self._ticker.drop()
        self._control_feed.drop()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                # Before the checkpointer is cancelled, lest that break off a checkpoint that is being stored.
                await self._checkpointer.flush()
                self._cancel_tasks()
                await self._outputs.stop()
                await self._tick_producer.stop()
                await self._state_log.stop()
                if self._control is not None:
                    await self._control.stop()
        except TimeoutError:
            _log.warning("processors_stopped_before_last_checkpoint")
            self._cancel_tasks()
        self._checkpointer.drop()
        self._loop_watch.stop()
        await self._health.stop()

    def drop(self) -> None:
        """The group rebalances: what was not stored yet will be absorbed again by whoever is next."""
        self._unsettled_since = time.monotonic()
        self._ticker.drop()
        self._control_feed.drop()
        self._checkpointer.drop()

    async def load(self, partitions: Sequence[int]) -> list[Recovered]:
        """Load the state of partitions; tries again while the broker is away, gives up on unfit state."""
        while True:
            try:
                return await self._recovery.load(partitions)
            except (StateMismatchError, InvalidMessageError) as error:
                self._give_up(f"refusing to start: {error}")
                raise
            except (KafkaError, OSError) as error:
                _log.warning("recovery_failed", reason=repr(error))
                await asyncio.sleep(_RETRY_SECONDS)

    def assign(self, recovered: Sequence[Recovered], generation: int) -> None:
        """Own these partitions, and no others, in a generation of the group."""
        self.pulse.beat()
        self._halted.clear()
        self._partitions.assign(
            OwnedPartition(found.absorber, generation, found.meta, GivenUp(self._halt_limit))
            for found in recovered
        )
        self._ticker.assign([found.absorber.partition for found in recovered])
        if self._control is not None:
            self._control_feed.assign([found.absorber for found in recovered], self._control.state)
        self._unsettled_since = None
        _log.info("partitions_assigned", partitions={r.absorber.partition: r.start for r in recovered})

    async def take(
        self, records: Sequence[LogRecord], generation: int | None, acknowledge: Acknowledge
    ) -> None:
        """Absorb records of one partition, and wait while too much is unstored; ignores what is not ours.

        The last one's acknowledgement stands for all.
        """
        begin = 0
        while begin < len(records):
            partition = records[begin].partition
            owned = self._partitions.get(partition, generation)
            if owned is None or partition in self._halted:
                return
            begin = self._absorb_stretch(owned, records, begin, acknowledge)
            # Heartbeats, ticks and checkpoints have their turn, whatever there is to absorb.
            await asyncio.sleep(0)
            await self._checkpointer.wait_for_room()
            self._rested = time.monotonic()

    def _absorb_stretch(
        self, owned: OwnedPartition, records: Sequence[LogRecord], begin: int, acknowledge: Acknowledge
    ) -> int:
        """Absorb from one place on until it is time for a pause; the place where to go on."""
        place, rows, last, until = begin, 0, len(records) - 1, self._rested + _STRETCH_SECONDS
        take, too_much = owned.take, owned.given_up
        try:
            while place <= last:
                rows += take(records[place], acknowledge if place == last else None)
                place += 1
                if too_much.too_much:
                    self._halt(owned)
                    break
                if time.monotonic() > until:
                    break
        except Exception as error:
            # A gap, or want of memory; whatever it is, Faust would go on behind this record.
            self._give_up(f"cannot go on from here, starting anew from the stored state: {error!r}")
            raise
        self.metrics.count_absorbed(owned.partition, place - begin, rows)
        return place

    def _halt(self, owned: OwnedPartition) -> None:
        """Take no more of a partition; what was absorbed is still stored, what follows stays unread."""
        partition = owned.partition
        self._halted.add(partition)
        self._ticker.end(partition)
        self.hold(partition)
        reason = f"{owned.given_up}: mend the cause, then start the processors anew (docs/dead-letters.md)"
        _log.critical("partition_halted", partition=partition, reason=reason)

    def _cancel_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _may_write(self) -> bool:
        return self.pulse.fresh

    def _checks(self) -> dict[str, bool]:
        return {
            "kafka": self.pulse.fresh,
            "partitions": self._unsettled_since is None,
            "dead_letters": not self._halted,
        }

    async def _guard(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except Exception as error:
            _log.exception("processors_failed")
            self._give_up(f"a background task failed: {error!r}")
            raise

    async def _keep_watch(self) -> None:
        while True:
            self._loop_watch.beat()
            self._measure()
            newest, stored = self._ticker.last_offsets, self._checkpointer.stored_fences
            stuck = self._progress.stalled(newest, stored, time.monotonic())
            if stuck is not None:
                self._give_up(f"partition {stuck} has made no progress for a minute")
            self._check_settled()
            if self._control is not None and not self._control.following:
                self._give_up("the control topics are not followed any more")
            await asyncio.sleep(_WATCH_SECONDS)

    def _check_settled(self) -> None:
        """Give up on a group that does not settle; a state that is being loaded may take its time."""
        loaded, self._loaded = self._loaded, self._state_log.loaded
        since = self._unsettled_since
        if since is None:
            return
        if self._loaded != loaded:
            self._unsettled_since = time.monotonic()
        elif time.monotonic() - since > _UNSETTLED_SECONDS:
            self._give_up("the consumer group has not settled for two minutes")

    def _measure(self) -> None:
        newest, stored = self._ticker.last_offsets, self._checkpointer.stored_fences
        for partition, lag in self._progress.lag(newest, stored).items():
            self.metrics.lag.labels(str(partition)).set(lag)
        for partition, offset in stored.items():
            self.metrics.stored_offset.labels(str(partition)).set(offset)
        for owned in self._partitions:
            label = str(owned.partition)
            self.metrics.agents.labels(label).set(owned.absorber.agents)
            self.metrics.halted.labels(label).set(owned.partition in self._halted)
            if owned.timestamp_ms:
                self.metrics.tick_age.labels(label).set(time.time() - owned.timestamp_ms / 1000)
