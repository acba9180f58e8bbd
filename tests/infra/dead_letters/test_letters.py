"""Letters are picked by what is asked for, newest or oldest first, within a limit."""

from dataclasses import replace

import pytest

from infra.dead_letters import letters
from infra.dead_letters.letter import Place
from infra.dead_letters.letters import NOTES, Wanted
from infra.dead_letters.notes import Notes
from infra.errors import StackError
from schemas.dead_letters import HEADER_TABLE, Origin, Stage, dead_letter_headers
from schemas.topics import Service, Topic
from tests.infra.dead_letters.fake_log import NOW, FakeLog, letter


@pytest.fixture
async def log() -> FakeLog:
    """Six letters, one a second, in turn on two partitions; the first three from alerts."""
    log = FakeLog()
    for number in range(6):
        topic = Topic.ALERTS if number < 3 else Topic.TELEMETRY
        headers = dead_letter_headers((), Origin(topic, number % 2, number), Stage.INSERT, f"Reason {number}")
        await log.send_and_wait(
            Topic.TELEMETRY_DEAD_LETTERS, b"%d" % number, partition=number % 2, headers=headers
        )
        log.now += 1000
    return log


async def values(log: FakeLog, wanted: Wanted, limit: int = 10) -> list[bytes]:
    return [one.value for one in await letters.newest(log.reader, wanted, limit)]


async def test_the_newest_come_first_and_no_more_than_asked_for(log: FakeLog) -> None:
    assert await values(log, Wanted()) == [b"5", b"4", b"3", b"2", b"1", b"0"]
    assert await values(log, Wanted(), 2) == [b"5", b"4"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(topic=Topic.ALERTS), [b"2", b"1", b"0"]),
        (Wanted(partition=1), [b"5", b"3", b"1"]),
        (Wanted(reason="reason 4"), [b"4"]),
        (Wanted(since_ms=NOW + 4000), [b"5", b"4"]),
        (Wanted(topic=Topic.TELEMETRY, partition=0), [b"4"]),
    ],
    ids=["topic", "partition", "reason", "since", "two"],
)
async def test_filters(log: FakeLog, wanted: Wanted, expected: list[bytes]) -> None:
    assert await values(log, wanted) == expected


async def test_the_oldest_that_are_to_be_kept_come_first(log: FakeLog) -> None:
    found = await letters.oldest(log.reader, Wanted(), 2, lambda letter: letter.value != b"1")
    assert [one.value for one in found] == [b"0", b"2"]


async def test_notes_are_read_on_and_what_is_none_is_said(log: FakeLog) -> None:
    notes = await letters.read_notes(log.reader, Notes())
    assert notes.next_offset == 0
    await log.send_and_wait(NOTES.topic, b"{}", partition=NOTES.partition)
    with pytest.raises(StackError, match=Topic.REPLAYS):
        await letters.read_notes(log.reader, notes)


async def test_a_letter_is_found_by_its_name_or_said_to_be_gone(log: FakeLog) -> None:
    place = Place(Topic.TELEMETRY_DEAD_LETTERS, 1, 2)
    assert (await letters.one(log.reader, place)).value == b"5"
    for gone in (place._replace(offset=3), place._replace(partition=7)):
        with pytest.raises(StackError, match="There is no dead letter"):
            await letters.one(log.reader, gone)


async def test_unread_is_what_a_reader_took_nothing_of(log: FakeLog) -> None:
    assert await letters.unread_records(log.reader, Service.WRITER) == set()
    for stage, offset in ((Stage.DECODE, 40), (Stage.RULES, 41)):
        headers = dead_letter_headers((), Origin(Topic.TELEMETRY, 1, offset), stage, "unreadable")
        await log.send_and_wait(Topic.TELEMETRY_DEAD_LETTERS, b"", partition=0, headers=headers)
    assert await letters.unread_records(log.reader, Service.WRITER) == {(1, 40)}
    assert await letters.unread_records(log.reader, Service.PROCESSORS) == {(1, 41)}


def test_a_letter_of_nobody_fits_only_where_no_origin_is_asked_for() -> None:
    stranger = replace(letter("insert", b"", extra=[(HEADER_TABLE, b"t")]), origin=None)
    assert Wanted(reason="why").fits(stranger)
    assert not Wanted(topic=Topic.TELEMETRY).fits(stranger)
    assert not Wanted(partition=2).fits(stranger)
