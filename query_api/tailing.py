"""One live tail from its beginning to its end, and how it is worded for sockets and for event streams."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

import msgspec

from query_api.access_log import AccessLog
from query_api.log_readers import LogReader
from query_api.queries.logs import LogSearch
from query_api.tail_buffer import Taken
from query_api.tail_feed import TailFeed
from runtime.problems import ProblemError
from schemas.accesses import AccessAction
from schemas.identity import AgentRef
from schemas.timestamps import to_rfc3339

_HEARTBEAT_SECONDS = 15.0
# How long somebody may read on whose token is not in force any more, at most.
_CHECK_SECONDS = 1.0
# Entries that come in quick succession leave together, the more the more readers there are: a message costs
# a process a tenth of a millisecond, and all readers together are to have so many a second.
_MESSAGES_PER_SECOND = 2_000
_LONGEST_PACE_SECONDS = 0.25

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Wish:
    """A tail that somebody may read: whose log, which entries, and as it is written down."""

    reader: LogReader
    ref: AgentRef
    search: LogSearch
    query: str


class Tailing:
    """The live tails of a process."""

    def __init__(
        self, feed: TailFeed, accesses: AccessLog, heartbeat_seconds: float = _HEARTBEAT_SECONDS
    ) -> None:
        """Read from `feed`; tell readers at least so often that they are still connected."""
        self._feed = feed
        self._accesses = accesses
        self._heartbeat_seconds = heartbeat_seconds

    async def admit(self, wish: Wish) -> None:
        """Write down that somebody begins to read; `follow` comes next.

        Raises:
            ProblemError: TOO_MANY_TAILS, AUDIT_AWAY.
        """
        self._feed.check_room()
        await self._accesses.record(
            wish.reader.access(AccessAction.LOG_STREAM, wish.ref, query=wish.query, rows=0)
        )

    async def follow(self, wish: Wish, check: Callable[[], Awaitable[object]]) -> AsyncGenerator[Taken, None]:
        """What the reader is to be told, one after the other, until something of it says that it ended.

        The first says nothing: from then on every entry counts. `check` raises ProblemError once the reader
        may not go on.
        """
        rows = 0
        try:
            subscription = await self._feed.subscribe(wish.ref, wish.search)
        except ProblemError as problem:
            yield Taken(ended=problem.kind.tag)
            return
        buffer = subscription.buffer
        said_at = checked_at = time.monotonic()
        try:
            yield Taken()
            while True:
                await buffer.wait(_CHECK_SECONDS)
                now = time.monotonic()
                if now - checked_at >= _CHECK_SECONDS:
                    checked_at = now
                    if (ended := await _why_not(check)) is not None:
                        yield Taken(ended=ended)
                        return
                taken = buffer.take()
                if taken.says_something or now - said_at >= self._heartbeat_seconds:
                    said_at = now
                    rows += len(taken.entries)
                    yield taken
                if taken.ended is not None:
                    return
                if taken.entries:
                    await asyncio.sleep(min(self._feed.tails / _MESSAGES_PER_SECOND, _LONGEST_PACE_SECONDS))
        finally:
            self._feed.leave(subscription)
            end = wish.reader.access(AccessAction.LOG_STREAM_END, wish.ref, query=wish.query, rows=rows)
            self._accesses.record_later(end)


def socket_messages(taken: Taken) -> list[str]:
    """The same as messages of a WebSocket, each a JSON object."""
    messages = []
    if taken.missed:
        messages.append(_missed(taken))
    if taken.entries:
        messages.append('{"logs":[' + b",".join(taken.entries).decode() + "]}")
    if taken.ended is not None:
        messages.append(_end(taken.ended))
    return messages or [_encode({"heartbeat": to_rfc3339(time.time_ns() // 1_000_000)}).decode()]


def stream_events(taken: Taken) -> bytes:
    """The same as server-sent events: `log` for each entry, `missed`, `end`; a comment for a heartbeat."""
    events = []
    if taken.missed:
        events.append(f"event: missed\ndata: {_missed(taken)}\n\n".encode())
    events += [b"event: log\ndata: " + entry + b"\n\n" for entry in taken.entries]
    if taken.ended is not None:
        events.append(f"event: end\ndata: {_end(taken.ended)}\n\n".encode())
    return b"".join(events) or b": heartbeat\n\n"


def _missed(taken: Taken) -> str:
    return f'{{"missed":{taken.missed}}}'


def _end(reason: str) -> str:
    return _encode({"end": reason}).decode()


async def _why_not(check: Callable[[], Awaitable[object]]) -> str | None:
    try:
        await check()
    except ProblemError as problem:
        return problem.kind.tag
    return None
