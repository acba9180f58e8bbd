"""The agent that hands records of the telemetry topic to the worker."""

from functools import partial
from typing import cast

import faust
from faust.types import EventT, Message, StreamT

from schemas.topics import Topic
from stream_processors.log_record import LogRecord
from stream_processors.worker import TelemetryWorker


def register(app: faust.App, worker: TelemetryWorker) -> None:
    """Consume the telemetry topic with `worker`.

    Records are raw bytes, because Faust acknowledges what it cannot decode. `noack` leaves acknowledging to
    the checkpoints, and there is one agent at a time, because Faust commits past messages that are in flight
    elsewhere.
    """
    topic = app.topic(
        Topic.TELEMETRY, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    @app.agent(topic, name="telemetry", concurrency=1)
    async def absorb_telemetry(stream: StreamT[bytes]) -> None:
        event: EventT[bytes]
        async for event in cast("faust.Stream[bytes]", stream).noack().events():
            message = event.message
            await worker.take(to_log_record(message), message.generation_id, partial(stream.ack, event))


def to_log_record(message: Message) -> LogRecord:
    """A Faust message in our terms; Faust turned the timestamp into seconds."""
    # aiokafka gives pairs; Faust's type allows a mapping and texts, which come from other drivers only.
    headers = cast("tuple[tuple[str, bytes], ...]", message.headers or ())
    return LogRecord(
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=round(message.timestamp * 1000),
        key=message.key,
        value=message.value,
        headers=headers,
    )
