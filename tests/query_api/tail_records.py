"""Blocks of log rows on the telemetry topic, as gateways write them."""

import time
import uuid
from collections.abc import Sequence

from aiokafka import ConsumerRecord

from schemas.block import Kind, Segment, encode_headers
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic


def segment_of(
    ref: AgentRef, rows: Sequence[LogRow], *, batch_id: bytes | None = None, keyed: bool = False
) -> tuple[Segment, bytes]:
    """One request's rows with their segment."""
    now = time.time_ns() // 1_000_000
    batch = batch_id or uuid.uuid4().bytes
    value = encode_rows(row_prefix(ref.tenant_id, ref.agent_id, now, batch), list(rows))
    return Segment(ref.tenant_id, ref.agent_id, batch, keyed, len(rows), len(value), now), value


def record_of(*parts: tuple[Segment, bytes], kind: Kind = Kind.LOG, offset: int = 0) -> ConsumerRecord:
    """A record of these segments."""
    value = b"".join(part for _, part in parts)
    now = time.time_ns() // 1_000_000
    return ConsumerRecord(
        topic=Topic.TELEMETRY,
        partition=0,
        offset=offset,
        timestamp=now,
        timestamp_type=1,
        key=None,
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=len(value),
        headers=encode_headers(kind, [segment for segment, _ in parts]),
    )
