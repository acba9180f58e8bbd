"""The agent that hands records of the telemetry topic to the worker."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import faust
from aiokafka import ConsumerRecord
from faust.types import EventT, StreamT

from schemas.topics import Topic
from stream_processors.log_record import to_log_record
from stream_processors.worker import TelemetryWorker


def register(app: faust.App, worker: TelemetryWorker) -> None:
    """Consume the telemetry topic with `worker`; an event's value is a bundle of records.

    The records are raw bytes, because Faust acknowledges what it cannot decode. `noack` leaves acknowledging
    to the checkpoints, and there is one agent at a time, because Faust commits past messages that are in
    flight elsewhere.
    """
    topic = app.topic(
        Topic.TELEMETRY, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    @app.agent(topic, name="telemetry", concurrency=1)
    async def absorb_telemetry(stream: StreamT[bytes]) -> None:
        event: EventT[Any]
        async for event in cast("faust.Stream[Any]", stream).noack().events():
            records = map(to_log_record, cast("Sequence[ConsumerRecord]", event.value))
            await worker.take(list(records), event.message.generation_id, partial(stream.ack, event))
