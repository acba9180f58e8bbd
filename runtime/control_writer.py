"""Writing control records: versioned, read back before anybody is told, the winner kept last in the log."""

import asyncio
import contextlib

import uuid_utils as uuid
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from msgspec import Raw, Struct, json

from runtime import kafka
from runtime.control_log import ControlReader
from runtime.control_state import Envelope
from runtime.logging import get_logger
from runtime.settings import KafkaAddress

_log = get_logger(__name__)
_READ_BACK_SECONDS = 10.0
# Before an entity is appended anew: a loser who tries again is not to be raced, and compaction is slow.
_PATIENCE_SECONDS = 1.0


class ConflictError(Exception):
    """Somebody else wrote this entity first: read it again and decide anew."""


class ControlWriter:
    """Puts entities onto control topics that its reader follows.

    Where the last record of an entity is a loser's, whoever wrote it, it appends the entity anew as it
    stands. Several writers may do so at once, for they append the same.
    """

    def __init__(self, address: KafkaAddress, reader: ControlReader, client_id: str) -> None:
        """Write through a producer of its own; nothing is sent before `start`."""
        self._reader = reader
        self._producer: AIOKafkaProducer = kafka.producer(address, client_id=client_id, linger_ms=0)
        self._repair: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()
        self._repair = asyncio.create_task(self._keep_winners_last(), name="control-repair")

    async def stop(self) -> None:
        """Send what is pending and disconnect."""
        if self._repair is not None:
            self._repair.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._repair
        await self._producer.stop()

    async def put(self, topic: str, key: str, data: Struct, *, replaces: int = 0) -> int:
        """Write an entity and return its offset once this process has read it back.

        `replaces` is the version that the caller saw, 0 where there was none.

        Raises:
            ConflictError: another write made this version first.
            TimeoutError: the record was not read back in time; it may still be in force later.
        """
        offset, won = await self._append(topic, key, data, replaces + 1)
        if not won:
            raise ConflictError(f"{key} was changed by somebody else at the same time")
        return offset

    async def end(self, topic: str, key: str) -> None:
        """End an entity for good: compaction takes all of its records; returns once that is read back.

        Listeners are not told: what is in force has to be said by a last version before.

        Raises:
            TimeoutError: the record was not read back in time; it may still be in force later.
        """
        sent = await self._producer.send_and_wait(topic, None, key=key.encode(), partition=0)
        await self._reader.wait_for(topic, sent.offset, timeout=_READ_BACK_SECONDS)

    async def _keep_winners_last(self) -> None:
        state = self._reader.state
        while True:
            await self._reader.wait_until(lambda: bool(state.overtaken))
            await asyncio.sleep(_PATIENCE_SECONDS)
            for (topic, key), winner in tuple(state.overtaken.items()):
                try:
                    await self._append(topic, key, winner.data, winner.version + 1)
                except (KafkaError, TimeoutError) as error:
                    _log.warning("winner_not_last_in_the_log", topic=topic, reason=repr(error))

    async def _append(self, topic: str, key: str, data: Struct, version: int) -> tuple[int, bool]:
        write_id = str(uuid.uuid7())
        value = json.encode(Envelope(version, write_id, Raw(json.encode(data))))
        with self._reader.state.watching(write_id) as is_applied:
            sent = await self._producer.send_and_wait(topic, value, key=key.encode(), partition=0)
            await self._reader.wait_for(topic, sent.offset, timeout=_READ_BACK_SECONDS)
            return int(sent.offset), is_applied()
