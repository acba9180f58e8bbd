"""The agent hands a bundle over as records, with one acknowledgement for all."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import cast

import faust
from aiokafka import ConsumerRecord
from faust.types import TP, Message
from pydantic import SecretStr

from runtime.settings import KafkaAddress
from schemas.topics import Topic
from stream_processors.app import build_app
from stream_processors.bundles import BundlingScheduler
from stream_processors.log_record import LogRecord, to_log_record
from stream_processors.settings import ProcessorSettings
from stream_processors.worker import TelemetryWorker
from tests.stream_processors.test_bundles import record


class Listener(TelemetryWorker):
    """A worker that remembers what it is handed."""

    def __init__(self) -> None:
        super().__init__(
            ProcessorSettings(kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1")), print
        )
        self.taken: list[tuple[Sequence[LogRecord], int | None]] = []

    async def take(
        self,
        records: Sequence[LogRecord],
        generation: int | None,
        acknowledge: Callable[[], Awaitable[object]],
    ) -> None:
        """Note them."""
        self.taken.append((records, generation))
        await acknowledge()


async def test_a_bundle_arrives_as_its_records(tmp_path: Path) -> None:
    listener = Listener()
    app = build_app(KafkaAddress("127.0.0.1:1"), listener, tmp_path)
    fetched = [record(offset) for offset in (4, 5)]
    [(tp, bundle)] = BundlingScheduler().iterate({TP(Topic.TELEMETRY, 0): fetched})
    (agent,) = app.agents.values()
    message = to_message(tp, bundle)
    channel = cast("faust.Topic", agent.channel)
    event = await channel.decode(message)
    assert list(cast("Sequence[ConsumerRecord]", event.value)) == fetched
    async with agent.test_context() as running:
        await running.put(value=cast("bytes", event.value))
    assert [records for records, _ in listener.taken] == [[to_log_record(one) for one in fetched]]


def to_message(tp: TP, record: ConsumerRecord) -> Message:
    """As Faust's aiokafka driver makes it."""
    return Message(
        tp.topic,
        tp.partition,
        record.offset,
        record.timestamp / 1000,
        1,
        None,
        None,
        record.value,
        None,
        tp=tp,
    )
