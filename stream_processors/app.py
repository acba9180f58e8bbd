"""The Faust application: its settings, and what it tells the worker of the group's assignments."""

from functools import partial
from pathlib import Path
from typing import Any, cast

import faust
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from mode.utils.queues import ThrowableQueue

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import PROCESSORS_GROUP, Topic
from stream_processors.agents import telemetry
from stream_processors.bundle_consumer import BundleTransport
from stream_processors.bundles import BundlingScheduler
from stream_processors.checkpoint.recovery import Recovered
from stream_processors.worker import SESSION_SECONDS, TelemetryWorker

_MIB = 1024 * 1024
_HEARTBEAT_SECONDS = 3.0
_COMMIT_SECONDS = 1.0

# Blocks are up to 512 KiB each, one request's rows up to 8 MiB: these bound what waits in Faust's buffers,
# and for how long a partition waits while what was taken of another is absorbed. While records are small,
# more are polled at a time (see bundles).
_POLL_RECORDS = 100
_BUFFERED_BUNDLES = 1


class ProcessorApp(faust.App):
    """Faust with a queue that blocks when it is full, and a consumer that takes bundles."""

    def _new_transport(self) -> BundleTransport:
        return BundleTransport(self.conf.broker_consumer, self)

    def FlowControlQueue(  # noqa: N802 - Faust's name
        self, maxsize: int | None = None, *, clear_on_resume: bool = False
    ) -> ThrowableQueue[Any]:
        """A queue without Faust's notion of pressure.

        Under pressure Faust stops fetching from a partition, and when it has stopped all of them it sleeps
        for a second. A full queue alone makes the consumer wait just as long as it is full.
        """
        queue: ThrowableQueue[Any] = ThrowableQueue(
            maxsize or 0, flow_control=self.flow_control, clear_on_resume=clear_on_resume
        )
        queue.pressure_high_size = (maxsize or 0) + 1
        return queue


def build_app(
    address: KafkaAddress, worker: TelemetryWorker, datadir: Path, instance: str | None = None
) -> ProcessorApp:
    """The application; `datadir` is a folder that Faust makes and leaves empty.

    With an `instance` the group knows the process again after a crash, and does not wait for its session to
    end.
    """
    app = ProcessorApp(
        PROCESSORS_GROUP,
        broker=[f"kafka://{server}" for server in address.bootstrap_servers.split(",")],
        broker_credentials=_credentials(address),
        consumer_group_instance_id=instance,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=_HEARTBEAT_SECONDS,
        broker_commit_interval=_COMMIT_SECONDS,
        broker_max_poll_records=_POLL_RECORDS,
        consumer_max_fetch_size=4 * _MIB,
        # Every partition gets a committed offset before it is read (see _Assignments); the start of the log
        # applies only before that, and to offsets that retention has deleted, which is noticed as a gap.
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=_BUFFERED_BUNDLES,
        ConsumerScheduler=BundlingScheduler,
        stream_wait_empty=False,
        processing_guarantee="at_least_once",
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        worker_redirect_stdouts=False,
        datadir=datadir,
    )
    telemetry.register(app, worker)
    _Assignments(app, worker).connect()
    return app


class _Assignments:
    """Translates Faust's rebalances: drop when partitions go, load and set the offsets before any is read."""

    def __init__(self, app: ProcessorApp, worker: TelemetryWorker) -> None:
        self._app = app
        self._worker = worker
        self._watched: object = None

    @property
    def _consumer(self) -> Consumer:
        return cast("Consumer", self._app.consumer)

    def connect(self) -> None:
        # Faust keeps receivers by weak references unless they are said to be strong.
        self._app.on_partitions_revoked.connect(self.on_revoked, weak=False)
        self._app.on_rebalance_complete.connect(self.on_assigned, weak=False)
        self._app.on_before_shutdown.connect(self.on_shutdown, weak=False)
        self._worker.hold = self.hold

    async def on_revoked(self, *_: object, **__: object) -> None:
        self._worker.drop()

    async def on_assigned(self, *_: object, **__: object) -> None:
        """Faust seeks to the committed offsets right after this, and only then lets records through."""
        self._worker.drop()
        self._watch_heartbeats()
        generation = self._app.consumer_generation_id
        assigned = sorted(tp.partition for tp in self._consumer.assignment() if tp.topic == Topic.TELEMETRY)
        recovered = await self._worker.load(assigned) if assigned else []
        if self._app.consumer_generation_id != generation:
            return
        await self._commit_starts(recovered)
        self._worker.assign(recovered, generation)

    def hold(self, partition: int) -> None:
        """Fetch no more of a partition, for as long as it is assigned."""
        self._consumer.pause_partitions({TP(Topic.TELEMETRY, partition)})

    async def on_shutdown(self, *_: object, **__: object) -> None:
        await self._worker.stop()

    async def _commit_starts(self, recovered: list[Recovered]) -> None:
        """The state's fence is the truth; the group's offset follows it, forwards or backwards."""
        starts = {
            TP(Topic.TELEMETRY, found.absorber.partition): found.start
            for found in recovered
            if found.start != found.committed
        }
        if starts:
            await self._consumer._commit(starts)  # noqa: SLF001 - Faust's commit() takes acknowledged offsets only
            # Where 0 is committed, seeking to the committed offset does nothing (aiokafka 0.14).
            await self._consumer.seek_wait(starts)

    def _watch_heartbeats(self) -> None:
        consumer = self._consumer._thread._consumer  # noqa: SLF001 - Faust does not show its aiokafka consumer
        if consumer is not self._watched:
            self._worker.pulse.watch(consumer)
            self._watched = consumer
            cast("BundlingScheduler", self._consumer.scheduler).poll = partial(_poll, consumer)


def _poll(consumer: Any, records: int) -> None:  # noqa: ANN401 - aiokafka has no types
    """Let a consumer take so many records at a time; Faust asks it each time."""
    consumer._max_poll_records = records  # noqa: SLF001 - it has no other way


def _credentials(address: KafkaAddress) -> faust.auth.Credentials | None:
    arguments = kafka.connection(address)
    if address.security_protocol.startswith("SASL"):
        return faust.auth.SASLCredentials(
            username=arguments["sasl_plain_username"],
            password=arguments["sasl_plain_password"],
            mechanism=arguments["sasl_mechanism"],
            ssl_context=arguments.get("ssl_context"),
        )
    if address.security_protocol == "SSL":
        return faust.auth.SSLCredentials(arguments["ssl_context"])
    return None
