"""A tail from its beginning to its end: what is told, what is written down, and when it must stop."""

from typing import cast

import orjson
import pytest

from query_api import errors
from query_api.access_log import AccessLog
from query_api.log_readers import AgentLogReader
from query_api.queries.logs import LogSearch
from query_api.tail_buffer import Taken
from query_api.tail_feed import FEED_LOST, Subscription, TailFeed
from query_api.tailing import Tailing, Wish, socket_messages, stream_events
from runtime.problems import ProblemError
from schemas.accesses import Access, AccessAction
from schemas.control import ApiKey
from schemas.identity import AgentRef
from schemas.permissions import Permission

REF = AgentRef("acme", "scout")
KEY = ApiKey("k1", "acme", "scout", "gov", "hash", (Permission.LOGS_READ,), 1)
WISH = Wish(AgentLogReader(None, KEY), REF, LogSearch(), '{"text":"x"}')


class FakeFeed:
    """One subscription, which the test fills."""

    def __init__(self) -> None:
        self.subscription = Subscription(REF, cast("object", None))  # type: ignore[arg-type] # never asked
        self.left = False
        self.tails = 1
        self.problem: ProblemError | None = None

    def check_room(self) -> None:
        if self.problem is not None:
            raise self.problem

    async def subscribe(self, _ref: AgentRef, _wanted: LogSearch) -> Subscription:
        self.check_room()
        return self.subscription

    def leave(self, _subscription: Subscription) -> None:
        self.left = True


class FakeAccesses:
    """Remembers."""

    def __init__(self) -> None:
        self.recorded: list[Access] = []

    async def record(self, access: Access) -> None:
        self.recorded.append(access)

    def record_later(self, access: Access) -> None:
        self.recorded.append(access)


@pytest.fixture
def feed() -> FakeFeed:
    return FakeFeed()


@pytest.fixture
def accesses() -> FakeAccesses:
    return FakeAccesses()


def tailing_of(feed: FakeFeed, accesses: FakeAccesses, heartbeat_seconds: float = 60) -> Tailing:
    return Tailing(cast("TailFeed", feed), cast("AccessLog", accesses), heartbeat_seconds)


async def nothing() -> None:
    """The token stays in force."""


async def test_entries_and_what_was_missed_then_the_end(feed: FakeFeed, accesses: FakeAccesses) -> None:
    updates = tailing_of(feed, accesses).follow(WISH, nothing)
    assert await anext(updates) == Taken()
    for number in range(1_003):
        feed.subscription.buffer.put(b"%d" % number)
    taken = await anext(updates)
    assert (taken.missed, len(taken.entries), taken.entries[0]) == (3, 1_000, b"3")
    feed.subscription.buffer.end(FEED_LOST)
    assert (await anext(updates)).ended == FEED_LOST
    assert [taken async for taken in updates] == []
    assert feed.left
    [end] = accesses.recorded
    assert (end.action, end.rows, end.query) == (AccessAction.LOG_STREAM_END, 1_000, WISH.query)


async def test_it_ends_once_the_token_is_not_in_force(feed: FakeFeed, accesses: FakeAccesses) -> None:
    async def revoked() -> None:
        raise ProblemError(errors.UNAUTHENTICATED)

    updates = tailing_of(feed, accesses).follow(WISH, revoked)
    assert await anext(updates) == Taken()
    # What has come meanwhile is not handed over any more.
    feed.subscription.buffer.put(b"secret")
    taken = [taken async for taken in updates]
    assert taken[-1].ended == "unauthenticated"
    assert feed.left


async def test_who_goes_away_is_forgotten_and_written_down(feed: FakeFeed, accesses: FakeAccesses) -> None:
    updates = tailing_of(feed, accesses).follow(WISH, nothing)
    await anext(updates)
    await updates.aclose()
    assert feed.left
    assert [access.action for access in accesses.recorded] == [AccessAction.LOG_STREAM_END]


async def test_a_silent_log_is_told_from_a_broken_connection(feed: FakeFeed, accesses: FakeAccesses) -> None:
    updates = tailing_of(feed, accesses, heartbeat_seconds=0).follow(WISH, nothing)
    await anext(updates)
    heartbeat = await anext(updates)
    assert not heartbeat.says_something
    assert list(orjson.loads(socket_messages(heartbeat)[0])) == ["heartbeat"]
    assert stream_events(heartbeat) == b": heartbeat\n\n"


async def test_a_tail_is_written_down_before_it_begins(feed: FakeFeed, accesses: FakeAccesses) -> None:
    tailing = tailing_of(feed, accesses)
    await tailing.admit(WISH)
    assert [(access.action, access.actor_id) for access in accesses.recorded] == [
        (AccessAction.LOG_STREAM, "k1")
    ]
    feed.problem = ProblemError(errors.TOO_MANY_TAILS)
    with pytest.raises(ProblemError):
        await tailing.admit(WISH)
    assert len(accesses.recorded) == 1
    assert [taken.ended async for taken in tailing.follow(WISH, nothing)] == ["too-many-tails"]


def test_messages_and_events_say_the_same() -> None:
    taken = Taken(4, (b'{"a":1}', b'{"b":2}'), "stopping")
    assert [orjson.loads(message) for message in socket_messages(taken)] == [
        {"missed": 4},
        {"logs": [{"a": 1}, {"b": 2}]},
        {"end": "stopping"},
    ]
    assert stream_events(taken).decode().split("\n\n") == [
        'event: missed\ndata: {"missed":4}',
        'event: log\ndata: {"a":1}',
        'event: log\ndata: {"b":2}',
        'event: end\ndata: {"end":"stopping"}',
        "",
    ]
