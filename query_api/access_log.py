"""Writes down who reads what; nothing is handed over before Kafka has it."""

import asyncio
import time

import msgspec
import uuid_utils as uuid
from aiokafka.errors import KafkaError

from query_api import errors
from runtime.problems import ProblemError
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.accesses import Access
from schemas.timestamps import to_rfc3339
from schemas.topics import Topic

# Readers wait for it, and nothing else bounds how many wait while the broker is away.
_RECORD_SECONDS = 3.0

_encode = msgspec.json.Encoder().encode


class AccessLog:
    """The topic of accesses, as one process writes it."""

    def __init__(self, producer: RestartingProducer, record_seconds: float = _RECORD_SECONDS) -> None:
        """`record_seconds` is how long a reader waits for the acknowledgement."""
        self._producer = producer
        self._record_seconds = record_seconds

    async def record(self, access: Access) -> None:
        """Return once Kafka has acknowledged the access: only then may its caller hand over what was read.

        Raises:
            ProblemError: AUDIT_AWAY; it may be on record all the same, as a read that was refused.
        """
        headers = [
            ("ce_id", str(uuid.uuid7()).encode()),
            ("ce_time", to_rfc3339(time.time_ns() // 1_000_000).encode()),
        ]
        record = OutgoingRecord(Topic.ACCESSES, _encode(access), access.tenant_id.encode(), headers)
        try:
            async with asyncio.timeout(self._record_seconds):
                await self._producer.send_all([record])
        except (KafkaError, OSError, TimeoutError) as error:
            raise ProblemError(
                errors.AUDIT_AWAY, "Nothing is read without a record of it: please ask again."
            ) from error
