"""What every partition's writer is given: connections, settings, metrics."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer

from stream_processors.failpoints import Failpoint
from stream_processors.state.log import StateLog
from stream_processors.writer.dead_letters import DeadLetters
from stream_processors.writer.erasing import Erasures
from stream_processors.writer.insert import Inserter
from stream_processors.writer.metrics import WriterMetrics
from stream_processors.writer.offsets import Offsets
from stream_processors.writer.settings import WriterSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One set for each process; all clients are started and stopped by the application.

    `clock` gives seconds that never go backwards.
    """

    settings: WriterSettings
    consumer: AIOKafkaConsumer
    offsets: Offsets
    inserter: Inserter
    dead_letters: DeadLetters
    state_log: StateLog
    metrics: WriterMetrics
    failpoint: Failpoint
    erasures: Erasures = field(default_factory=Erasures)
    clock: Callable[[], float] = time.monotonic
