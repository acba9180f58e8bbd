"""A chunk is declared, inserted and committed in this order, whatever ClickHouse says in between."""

from typing import Any

import pytest

from schemas.block import Kind
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import Table
from schemas.topics import Topic
from stream_processors.writer.insert import BadRowsError, UnavailableError
from stream_processors.writer.intent import Intent, encode_intent
from stream_processors.writer.offsets import PartitionLostError
from stream_processors.writer.rings import Rings
from stream_processors.writer.rows import ChunkRows, rows_of_chunk
from stream_processors.writer.store import ChunkStore
from tests.stream_processors.writer.fakes import MEMBER, PARTITION, World, services
from tests.stream_processors.writer.records import FakeRecord, block, log_block, segment

_INTENT = Intent(5, 8)
_TOKEN = f"{PARTITION.topic}:2:5:8"
_DECLARED = ("commit", 5, encode_intent(_INTENT))
DAY = 86_400_000
_LOGS, _BEATS = Table.AGENT_LOGS, Table.HEARTBEATS


def _rows(*more: FakeRecord) -> ChunkRows:
    heartbeat = block(6, Kind.HEARTBEAT, (segment("a", 2, b"{}\n"), b"{}\n"))
    records = [log_block(5, "a", 1, b'{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n'), heartbeat, *more]
    return rows_of_chunk(Topic.TELEMETRY, records, Rings())


def _store(world: World) -> ChunkStore:
    return ChunkStore(PARTITION, MEMBER, services(world))


async def test_the_intent_comes_first_and_the_commit_last() -> None:
    world = World()
    store = _store(world)

    await store.store(_INTENT, _rows())

    assert world.events == [
        _DECLARED,
        ("insert", _LOGS, f"{_TOKEN}:agent_logs"),
        ("insert", _BEATS, f"{_TOKEN}:heartbeats"),
        ("commit", 9, ""),
    ]
    assert store.steps > 0


async def test_a_chunk_without_rows_needs_no_intent() -> None:
    world = World()

    await _store(world).store(_INTENT, ChunkRows())

    assert world.events == [("commit", 9, "")]


async def test_dead_letters_come_before_the_commit() -> None:
    world = World()

    await _store(world).store(_INTENT, _rows(FakeRecord(8, b"junk")))

    assert world.events[-2:] == [("letters", 1), ("commit", 9, "")]


async def test_an_insert_is_tried_again_under_its_token() -> None:
    failures = [UnavailableError("away"), UnavailableError("still away")]

    def refuse(*_: object) -> None:
        if failures:
            raise failures.pop()

    world = World(refuse)
    await _store(world).store(_INTENT, _rows())

    assert world.of("insert") == [[_LOGS, f"{_TOKEN}:agent_logs"]] * 3 + [[_BEATS, f"{_TOKEN}:heartbeats"]]
    assert world.of("commit")[-1] == [9, ""]


async def test_the_membership_is_proved_again_before_a_late_insert() -> None:
    world = World()

    def stop_for_a_while(*_: object) -> None:
        world.now += 5

    world.refuse = stop_for_a_while
    await _store(world).store(_INTENT, _rows())

    assert [event[0] for event in world.events] == ["commit", "insert", "commit", "insert", "commit"]
    assert world.events[2] == _DECLARED


async def test_a_stale_owner_inserts_nothing_more() -> None:
    world = World()

    def lose_the_partition(*_: object) -> None:
        world.now += 5
        world.is_member = False

    world.refuse = lose_the_partition
    with pytest.raises(PartitionLostError):
        await _store(world).store(_INTENT, _rows())

    assert world.of("insert") == [[_LOGS, f"{_TOKEN}:agent_logs"]]
    assert world.of("commit") == [list(_DECLARED[1:])]


def _stamped(n: int, day: int) -> bytes:
    return encode_rows(row_prefix("default", "a", day * DAY, n.to_bytes(16)), [LogRow(LogLevel.INFO, "said")])


async def test_what_was_stored_long_ago_is_not_stored_again() -> None:
    world = World()
    world.forgotten = True
    rows = rows_of_chunk(Topic.TELEMETRY, [log_block(5, "a", 1, _stamped(1, 1) + _stamped(2, 2))], Rings())

    await _store(world).store(_INTENT, rows, again=True)

    # A row of each day is asked for, and both days are there.
    assert [event[0] for event in world.events] == ["commit", "asked", "asked", "commit"]


async def test_what_may_be_stored_is_left_to_its_token() -> None:
    world = World()
    rows = rows_of_chunk(Topic.TELEMETRY, [log_block(5, "a", 1, _stamped(1, 1) + b"poison\n")], Rings())

    await _store(world).store(_INTENT, rows, again=True)

    assert [event[0] for event in world.events] == ["commit", "asked", "insert", "commit"]


async def test_a_failed_insert_is_looked_for_before_the_next() -> None:
    failures = [UnavailableError("cut off")]

    def refuse(*_: object) -> None:
        if failures:
            world.forgotten = True
            raise failures.pop()

    world = World(refuse)
    rows = rows_of_chunk(Topic.TELEMETRY, [log_block(5, "a", 1, _stamped(1, 1))], Rings())

    await _store(world).store(_INTENT, rows)

    assert [event[0] for event in world.events] == ["commit", "insert", "asked", "commit"]


def _refuse_poison(table: str, rows: bytes) -> None:
    if table == _LOGS and b'{"n":2}' in rows:
        raise BadRowsError("2 is poison")


async def test_a_poison_row_is_found_and_the_rest_is_stored() -> None:
    world = World(_refuse_poison)

    await _store(world).store(_INTENT, _rows())

    tokens = [token.removeprefix(f"{_TOKEN}:") for _, token in world.of("insert")]
    assert tokens == [
        "agent_logs",
        "agent_logs:0-2",
        "agent_logs:2-4",
        "agent_logs:2-3",
        "agent_logs:3-4",
        "heartbeats",
    ]
    # Told before the first piece is inserted, so that a successor does not try the whole.
    assert world.events[2] == ("commit", 5, encode_intent(Intent(5, 8, (_LOGS,))))
    [letter] = world.letters
    assert letter.value == b'{"n":2}'
    assert dict(letter.headers)["promethios.errors.exception.message"] == b"2 is poison"


async def test_a_successor_goes_on_with_the_pieces() -> None:
    world = World(_refuse_poison)

    await _store(world).store(Intent(5, 8, (_LOGS,)), _rows())

    assert world.of("insert")[0] == [_LOGS, f"{_TOKEN}:agent_logs:0-2"]
    assert len(world.letters) == 1


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("rows_total", {"table": "agent_logs"}, 3),
        ("inserts_total", {"table": "agent_logs", "outcome": "refused"}, 3),
        ("dead_letters_total", {"stage": "insert"}, 1),
    ],
)
async def test_what_happened_is_counted(name: str, labels: dict[str, str], value: float) -> None:
    world = World(_refuse_poison)
    around = services(world)

    await ChunkStore(PARTITION, MEMBER, around).store(_INTENT, _rows())

    registry: Any = around.metrics.registry
    assert registry.get_sample_value(f"promethios_writer_{name}", labels) == value
