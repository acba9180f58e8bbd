"""Records and rows that cannot be stored, on the dead-letter topic, with the reason in headers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from runtime import kafka
from runtime.logging import get_logger
from runtime.settings import KafkaAddress
from schemas.dead_letters import HEADER_OFFSET, HEADER_TABLE, Origin, Stage, dead_letter_headers
from schemas.topics import Topic
from stream_processors.writer.rows import Record, Undecodable

_log = get_logger(__name__)
_LONGEST_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record for the dead-letter topic."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def of_record(undecodable: Undecodable) -> DeadLetter:
    """The whole record, its bytes, key and headers untouched, and the reason behind its own headers."""
    record = undecodable.record
    origin = Origin(record.topic, record.partition, record.offset)
    headers = dead_letter_headers(record.headers, origin, Stage.DECODE, undecodable.reason)
    return DeadLetter(record.key, record.value, headers)


def of_row(record: Record, row: bytes, table: str, reason: str) -> DeadLetter:
    """One row of a record that ClickHouse refused; the headers say which record it is from."""
    origin = Origin(record.topic, record.partition, record.offset)
    headers = dead_letter_headers([], origin, Stage.INSERT, reason)
    return DeadLetter(record.key, row, [*headers, (HEADER_TABLE, table.encode())])


def records_of(letters: Sequence[DeadLetter]) -> int:
    """From how many records these letters are; a record may have several rows that were refused."""
    return len({value for letter in letters for name, value in letter.headers if name == HEADER_OFFSET})


class DeadLetters:
    """Sends dead letters, for as long as it takes."""

    def __init__(self, address: KafkaAddress, client_id: str) -> None:
        """Nothing is connected before the first letter."""
        self._address = address
        self._client_id = client_id
        self._lock = asyncio.Lock()
        self._producer: AIOKafkaProducer | None = None

    async def stop(self) -> None:
        """Disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        """Return when all are acknowledged; after an error all are sent again."""
        if not letters:
            return
        async with self._lock:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(KafkaError),
                wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_WAIT_SECONDS),
            ):
                with attempt:
                    await self._try(letters)

    async def _try(self, letters: Sequence[DeadLetter]) -> None:
        try:
            if self._producer is None:
                self._producer = kafka.producer(self._address, client_id=self._client_id, linger_ms=5)
                await self._producer.start()
            sent = [
                await self._producer.send(
                    Topic.TELEMETRY_DEAD_LETTERS, key=x.key, value=x.value, headers=x.headers
                )
                for x in letters
            ]
            await asyncio.gather(*sent)
        except KafkaError as error:
            _log.warning("dead_letters_not_sent", reason=repr(error))
            await self.stop()
            raise
