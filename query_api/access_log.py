"""Writes down who reads what; nothing is handed over before Kafka has it."""

import asyncio
import time

import msgspec
import uuid_utils as uuid
from aiokafka.errors import KafkaError

from query_api import errors
from runtime.logging import get_logger
from runtime.problems import ProblemError
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.accesses import Access
from schemas.timestamps import to_rfc3339
from schemas.topics import Topic

# Readers wait for it, and nothing else bounds how many wait while the broker is away.
_RECORD_SECONDS = 3.0

_AGAIN_SECONDS = 1.0
_MOST_KEPT = 10_000
_FAILURES = (KafkaError, OSError, TimeoutError)

_log = get_logger(__name__)
_encode = msgspec.json.Encoder().encode


class AccessLog:
    """The topic of accesses, as one process writes it."""

    def __init__(self, producer: RestartingProducer, record_seconds: float = _RECORD_SECONDS) -> None:
        """`record_seconds` is how long a reader waits for the acknowledgement."""
        self._producer = producer
        self._record_seconds = record_seconds
        self._kept: set[asyncio.Task[None]] = set()

    async def record(self, access: Access) -> None:
        """Return once Kafka has acknowledged the access: only then may its caller hand over what was read.

        Raises:
            ProblemError: AUDIT_AWAY; it may be on record all the same, as a read that was refused.
        """
        try:
            async with asyncio.timeout(self._record_seconds):
                await self._producer.send_all([_event(access)])
        except _FAILURES as error:
            raise ProblemError(
                errors.AUDIT_AWAY, "Nothing is read without a record of it: please ask again."
            ) from error

    def record_later(self, access: Access) -> None:
        """Record how a read that is on record already has ended, however long the broker is away.

        What is kept by then is lost with the process, and said in its log.
        """
        event = _event(access)
        if len(self._kept) >= _MOST_KEPT:
            _log.error("access_not_recorded", access=access, reason="too many wait for the broker")
            return
        keeping = asyncio.create_task(self._keep(access, event), name="access")
        self._kept.add(keeping)
        keeping.add_done_callback(self._kept.discard)

    async def close(self, seconds: float) -> None:
        """Give what is kept so long, then let it go."""
        if self._kept:
            _, late = await asyncio.wait(self._kept, timeout=seconds)
            for keeping in late:
                keeping.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _keep(self, access: Access, event: OutgoingRecord) -> None:
        try:
            while True:
                try:
                    await self._producer.send_all([event])
                except _FAILURES as error:
                    _log.warning("access_waits", reason=repr(error), kept=len(self._kept))
                    await asyncio.sleep(_AGAIN_SECONDS)
                else:
                    return
        except asyncio.CancelledError:
            _log.error("access_not_recorded", access=access, reason="the process ends")
            raise


def _event(access: Access) -> OutgoingRecord:
    headers = [
        ("ce_id", str(uuid.uuid7()).encode()),
        ("ce_time", to_rfc3339(time.time_ns() // 1_000_000).encode()),
    ]
    return OutgoingRecord(Topic.ACCESSES, _encode(access), access.tenant_id.encode(), headers)
