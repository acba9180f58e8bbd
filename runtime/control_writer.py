"""Writing control records: versioned, and read back before anybody is told."""

import uuid_utils as uuid
from aiokafka import AIOKafkaProducer
from msgspec import Raw, Struct, json

from runtime import kafka
from runtime.control_log import ControlReader, Envelope
from runtime.settings import KafkaAddress

_READ_BACK_SECONDS = 10.0


class ConflictError(Exception):
    """Somebody else wrote this entity first: read it again and decide anew."""


class ControlWriter:
    """Puts entities onto control topics that its reader follows."""

    def __init__(self, address: KafkaAddress, reader: ControlReader, client_id: str) -> None:
        """Write through a producer of its own; nothing is sent before `start`."""
        self._reader = reader
        self._producer: AIOKafkaProducer = kafka.producer(address, client_id=client_id, linger_ms=0)

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is pending and disconnect."""
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
            await self._restore_winner(topic, key)
            raise ConflictError(f"{key} was changed by somebody else at the same time")
        return offset

    async def _restore_winner(self, topic: str, key: str) -> None:
        """Append the entity as it stands: compaction keeps a key's last record, and that was the loser's."""
        while True:
            current = self._reader.state.get(topic, key)
            if current is None:
                return
            _, won = await self._append(topic, key, current.data, current.version + 1)
            if won:
                return

    async def _append(self, topic: str, key: str, data: Struct, version: int) -> tuple[int, bool]:
        write_id = str(uuid.uuid7())
        value = json.encode(Envelope(version, write_id, Raw(json.encode(data))))
        sent = await self._producer.send_and_wait(topic, value, key=key.encode(), partition=0)
        await self._reader.wait_for(topic, sent.offset, timeout=_READ_BACK_SECONDS)
        return int(sent.offset), self._reader.state.won(topic, key, write_id)
