"""Storing a chunk of one partition: declare it, insert it, commit it; the same again after a crash."""

import contextlib
import time
from enum import StrEnum
from typing import NamedTuple

from aiokafka import TopicPartition
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from runtime.logging import get_logger
from stream_processors.writer import dead_letters
from stream_processors.writer.bisect import bisect
from stream_processors.writer.dead_letters import DeadLetter
from stream_processors.writer.insert import BadRowsError, UnavailableError
from stream_processors.writer.intent import Intent, deduplication_token, encode_intent
from stream_processors.writer.offsets import Membership
from stream_processors.writer.rows import ChunkRows, Record, TableRows
from stream_processors.writer.services import Services
from stream_processors.writer.stored_before import without_stored

_log = get_logger(__name__)

# An intent that the broker accepted proves the membership. It is proved anew before an insert that comes so
# much later: after a stop of the process, or between retries. Well below the session timeout of 10 seconds.
_PROVEN_SECONDS = 3.0
_LONGEST_WAIT_SECONDS = 10.0


class Step(StrEnum):
    """The steps of the protocol at which a test can have the process killed."""

    BEFORE_INTENT = "before-intent"
    AFTER_INTENT = "after-intent"
    BETWEEN_TABLES = "between-tables"
    BEFORE_BISECTION = "before-bisection"
    BETWEEN_PIECES = "between-pieces"
    BEFORE_COMMIT = "before-commit"
    AFTER_COMMIT = "after-commit"
    BEFORE_CHECKPOINT = "before-checkpoint"
    AFTER_CHECKPOINT = "after-checkpoint"


class _Body(NamedTuple):
    ndjson: bytes
    rows: int


class ChunkStore:
    """Stores chunks of one partition, one after the other, for as long as the membership lasts."""

    def __init__(self, partition: TopicPartition, membership: Membership, services: Services) -> None:
        """`steps` counts what it attempts: a number that stands still means that nothing goes on."""
        self._partition = partition
        self._membership = membership
        self._services = services
        self._proven_at = 0.0
        self._again = False
        self.steps = 0

    async def store(self, intent: Intent, rows: ChunkRows, *, again: bool = False) -> int:
        """Return when the chunk's rows and dead letters are stored and the offset behind it is committed.

        Returned is from how many of its records the dead letters are. `again`: somebody may have stored it.

        Waits without end for ClickHouse; a chunk without rows needs no intent.

        Raises:
            PartitionLostError: the chunk is somebody else's by now.
            aiokafka.errors.KafkaError: the broker refused the commit.
        """
        self._again = again
        letters = [dead_letters.of_record(undecodable) for undecodable in rows.undecodable]
        if rows.tables:
            await self._declare(intent)
        for number, table in enumerate(sorted(rows.tables)):
            if number:
                self._services.failpoint.reach(Step.BETWEEN_TABLES)
            intent, refused = await self._insert(intent, table, rows.tables[table])
            letters += refused
        await self._services.dead_letters.send(letters)
        self._services.failpoint.reach(Step.BEFORE_COMMIT)
        await self._services.offsets.commit(self._membership, self._partition, intent.last + 1)
        self._services.failpoint.reach(Step.AFTER_COMMIT)
        self.steps += 1
        self._count(rows, letters)
        return dead_letters.records_of(letters)

    async def _declare(self, intent: Intent) -> None:
        self._services.failpoint.reach(Step.BEFORE_INTENT)
        await self._services.offsets.commit(
            self._membership, self._partition, intent.first, encode_intent(intent)
        )
        self._proven_at = self._services.clock()
        self.steps += 1
        self._services.failpoint.reach(Step.AFTER_INTENT)

    async def _insert(self, intent: Intent, table: str, rows: TableRows) -> tuple[Intent, list[DeadLetter]]:
        """Insert one table's rows, in pieces if they are refused; returns the intent as it stands then."""
        token = deduplication_token(self._partition.topic, self._partition.partition, intent, table)
        if table not in intent.bisect:
            try:
                await self._insert_when_possible(
                    intent, table, _Body(b"".join(rows.parts), rows.count), token
                )
            except BadRowsError as error:
                _log.warning("rows_refused", table=table, token=token, reason=str(error))
                intent = Intent(intent.first, intent.last, (*intent.bisect, table))
                await self._declare(intent)
                self._services.failpoint.reach(Step.BEFORE_BISECTION)
            else:
                return intent, []
        return intent, await self._insert_in_pieces(intent, table, rows.lines(), token)

    async def _insert_in_pieces(
        self, intent: Intent, table: str, lines: list[tuple[Record, bytes]], token: str
    ) -> list[DeadLetter]:
        letters: list[DeadLetter] = []
        search = bisect(len(lines))
        piece = next(search)
        with contextlib.suppress(StopIteration):
            while True:
                chosen = lines[piece.start : piece.end]
                body = _Body(b"".join(b"%b\n" % line for _, line in chosen), len(chosen))
                try:
                    await self._insert_when_possible(intent, table, body, piece.token(token))
                except BadRowsError as error:
                    if len(chosen) == 1:
                        letters.append(dead_letters.of_row(*chosen[0], table, str(error)))
                    piece = search.send(False)
                else:
                    self._services.failpoint.reach(Step.BETWEEN_PIECES)
                    piece = search.send(True)
        return letters

    async def _insert_when_possible(self, intent: Intent, table: str, body: _Body, token: str) -> None:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(UnavailableError),
            wait=wait_random_exponential(multiplier=0.1, max=_LONGEST_WAIT_SECONDS),
            before_sleep=self._say_that_it_waits,
        ):
            with attempt:
                if self._services.clock() - self._proven_at > _PROVEN_SECONDS:
                    await self._declare(intent)
                self.steps += 1
                if self._again or attempt.retry_state.attempt_number > 1:
                    body = await self._without_stored(table, body, token)
                if body.rows:
                    await self._try_insert(table, body, token)

    async def _without_stored(self, table: str, body: _Body, token: str) -> _Body:
        left = await without_stored(self._services.inserter, table, body.ndjson)
        if left is body.ndjson:
            return body
        _log.warning("stored_long_ago", table=table, token=token)
        return _Body(left, left.count(b"\n"))

    async def _try_insert(self, table: str, body: _Body, token: str) -> None:
        metrics = self._services.metrics
        outcome = "failed"
        try:
            with metrics.insert_seconds.time():
                await self._services.inserter.insert(table, body.ndjson, token)
            outcome = "stored"
        except BadRowsError:
            outcome = "refused"
            raise
        finally:
            metrics.inserts.labels(table, outcome).inc()
        metrics.rows.labels(table).inc(body.rows)
        metrics.bytes.labels(table).inc(len(body.ndjson))

    def _say_that_it_waits(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        _log.warning(
            "insert_waits",
            topic=self._partition.topic,
            partition=self._partition.partition,
            attempt=state.attempt_number,
            reason=str(error),
        )

    def _count(self, rows: ChunkRows, letters: list[DeadLetter]) -> None:
        metrics = self._services.metrics
        metrics.repeats.inc(rows.repeats)
        metrics.dead_letters.labels("decode").inc(len(rows.undecodable))
        metrics.dead_letters.labels("insert").inc(len(letters) - len(rows.undecodable))
        if rows.newest:
            metrics.freshness.set(time.time() - rows.newest / 1000)
