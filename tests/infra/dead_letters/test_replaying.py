"""Each letter is sent again once, whatever breaks off and however many try."""

import time

import pytest

from infra.dead_letters import replaying
from infra.dead_letters.letter import Letter
from infra.dead_letters.letters import NOTES, Wanted
from infra.dead_letters.replaying import Outcome, Replayer
from schemas.block import HEADER_REPLAY, Kind, decode_block
from schemas.dead_letters import Origin, Stage, dead_letter_headers
from schemas.replays import ReplayNote, encode_note
from schemas.topics import Topic
from tests.infra.dead_letters.fake_log import NOW, FakeLog, block_headers, letter, segment

ROWS = b'{"n":1}\n'


def unreadable(batch: int, offset: int = 7) -> Letter:
    headers = block_headers(segment("a", batch, ROWS))
    return letter("rules", ROWS, headers, origin=Origin(Topic.TELEMETRY, 2, offset), offset=offset)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog(time.time_ns() // 1_000_000)


async def outcomes(log: FakeLog, *letters: Letter, dry: bool = False) -> list[Outcome]:
    replayer = Replayer(log.reader, None if dry else log.producer)
    return [one.outcome for one in await replayer.replay(letters)]


async def test_what_was_sent_again_is_not_sent_a_third_time(log: FakeLog) -> None:
    letters = (unreadable(1, 7), unreadable(2, 8))
    assert await outcomes(log, *letters) == [Outcome.SENT, Outcome.SENT]
    assert await outcomes(log, *letters) == [Outcome.BEFORE, Outcome.BEFORE]
    sent = log.of(Topic.TELEMETRY)
    assert [dict(record.headers)[HEADER_REPLAY] for record in sent] == [x.identity.encode() for x in letters]
    assert {(record.partition, record.key, record.value) for record in sent} == {(2, b"key", ROWS)}


async def test_a_copy_of_a_letter_is_the_same_letter(log: FakeLog) -> None:
    one = unreadable(1)
    assert await outcomes(log, one, one) == [Outcome.SENT, Outcome.BEFORE]
    assert len(log.of(Topic.TELEMETRY)) == 1


async def test_a_dry_run_says_the_same_and_does_nothing(log: FakeLog) -> None:
    refused = letter("decode", b"junk")
    assert await outcomes(log, unreadable(1), unreadable(1), refused, dry=True) == [
        Outcome.SENT,
        Outcome.BEFORE,
        Outcome.REFUSED,
    ]
    assert log.of(Topic.TELEMETRY) == log.of(Topic.REPLAYS) == []


async def test_a_run_that_broke_off_before_it_sent_is_taken_over_after_a_minute(
    log: FakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.fails_at = Topic.TELEMETRY
    with pytest.raises(ConnectionError):
        await outcomes(log, unreadable(1))
    log.fails_at = None
    assert await outcomes(log, unreadable(1)) == [Outcome.AT_WORK]
    monkeypatch.setattr(replaying, "_AT_WORK_SECONDS", -1.0)
    assert await outcomes(log, unreadable(1)) == [Outcome.SENT]
    assert len(log.of(Topic.TELEMETRY)) == 1


async def test_a_run_that_broke_off_after_it_sent_is_found_out(log: FakeLog) -> None:
    for batch in (8, 9):
        # The log holds others' records too.
        headers = block_headers(segment("b", batch, ROWS))
        await log.send_and_wait(Topic.TELEMETRY, ROWS, partition=2, headers=headers)

    class Dying(FakeLog):
        async def send_and_wait(self, topic: str, *arguments: object, **options: object) -> None:
            await log.send_and_wait(topic, *arguments, **options)  # type: ignore[arg-type]  # handed on
            if topic == Topic.TELEMETRY:
                raise ConnectionError

    with pytest.raises(ConnectionError):
        await Replayer(log.reader, Dying().producer).replay([unreadable(1)])
    for _ in range(2):
        assert await outcomes(log, unreadable(1)) == [Outcome.BEFORE]
    assert len(log.of(Topic.TELEMETRY)) == 3
    assert len(log.of(Topic.REPLAYS)) == 2


async def test_of_two_runs_at_once_one_leaves_the_letter_to_the_other(log: FakeLog) -> None:
    one = unreadable(1)
    replayer = Replayer(log.reader, log.producer)
    await replayer.notes()
    # Another one begins between the look at the notes and the own one.
    note = ReplayNote(str(one.place), "other", False, 2, 0)
    await log.send_and_wait(NOTES.topic, encode_note(note), key=one.identity.encode(), partition=0)
    assert (await replayer._replay(one)).outcome is Outcome.AT_WORK
    assert log.of(Topic.TELEMETRY) == []


async def test_what_the_agent_repeated_meanwhile_is_not_sent(log: FakeLog) -> None:
    log.now = NOW
    await log.send_and_wait(Topic.TELEMETRY, ROWS, partition=2, headers=block_headers(segment("a", 1, ROWS)))
    assert await outcomes(log, unreadable(1)) == [Outcome.NOTHING_LEFT]
    assert await outcomes(log, unreadable(1)) == [Outcome.BEFORE]
    assert len(log.of(Topic.TELEMETRY)) == 1


async def test_of_two_unreadable_records_with_one_batch_one_brings_it(log: FakeLog) -> None:
    log.now = NOW
    letters = [unreadable(1, 0), unreadable(1, 1)]
    for one in letters:
        await log.send_and_wait(Topic.TELEMETRY, ROWS, partition=2, headers=list(one.headers))
        assert one.origin is not None
        headers = dead_letter_headers(one.headers, one.origin, Stage.RULES, "why")
        await log.send_and_wait(Topic.TELEMETRY_DEAD_LETTERS, ROWS, partition=0, headers=headers)
    assert await outcomes(log, letters[0]) == [Outcome.SENT]
    assert await outcomes(log, *letters) == [Outcome.BEFORE, Outcome.NOTHING_LEFT]
    again = log.of(Topic.TELEMETRY)[2]
    assert [s.keyed for s in decode_block(again.headers, again.value).segments] == [False]


async def test_what_can_be_sent_again_and_was_not_is_found_the_oldest_first(log: FakeLog) -> None:
    """Letters that nobody can send again are not in its way, however many."""
    ticks = [(Stage.RULES, b"", block_headers(kind=Kind.TICK), offset) for offset in range(5)]
    sound = [(Stage.RULES, ROWS, block_headers(segment("a", n, ROWS)), 10 + n) for n in range(3)]
    for stage, value, own, offset in [*ticks, *sound]:
        headers = dead_letter_headers(own, Origin(Topic.TELEMETRY, 2, offset), stage, "why")
        await log.send_and_wait(Topic.TELEMETRY_DEAD_LETTERS, value, partition=0, headers=headers)
    replayer = Replayer(log.reader, log.producer)
    found = await replayer.find(Wanted(), 2)
    assert [one.origin and one.origin.offset for one in found.letters] == [10, 11]
    assert found.refused == 5
    await replayer.replay(found.letters)
    assert [one.place.offset for one in (await replayer.find(Wanted(), 2)).letters] == [7]


async def test_what_cannot_be_sent_again_says_why(log: FakeLog) -> None:
    (one,) = await Replayer(log.reader, log.producer).replay([letter("decode", b"junk")])
    assert one.outcome is Outcome.REFUSED
    assert "cannot read it either" in one.reason
