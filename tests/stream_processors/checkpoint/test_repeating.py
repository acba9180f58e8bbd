"""What is written early is written again when no stale owner's batch can come any more, and only then."""

import pytest

from schemas.topics import LATEST_STATE_MS, TOPICS, Topic
from stream_processors.checkpoint import repeating
from stream_processors.checkpoint.repeating import REPEAT_AFTER_SECONDS, Repeating
from stream_processors.state.snapshot import StateRecord, state_record

BEGAN = 100.0
LATE = BEGAN + REPEAT_AFTER_SECONDS


def entry(key: str, fence: int) -> StateRecord:
    return state_record(key, fence, b"%d" % fence)


@pytest.mark.parametrize("topic", [Topic.PROCESSOR_STATE, Topic.WRITER_STATE, Topic.WEBHOOK_STATE])
def test_the_broker_refuses_what_is_too_old_before_it_is_repeated(topic: Topic) -> None:
    config = TOPICS[topic].config
    assert int(config["message.timestamp.before.max.ms"]) == LATEST_STATE_MS < REPEAT_AFTER_SECONDS * 1000
    assert int(config["min.compaction.lag.ms"]) > 2 * REPEAT_AFTER_SECONDS * 1000


def repeating_of(*held: StateRecord) -> Repeating:
    return Repeating(BEGAN, {one.key: one for one in held}.__getitem__)


def test_the_last_early_entry_of_each_key_comes_once_more() -> None:
    repeats = repeating_of(entry("a", 2), entry("b", 1))
    gone, policy = state_record("c", 3, None), entry("$policy/p", 1)
    assert repeats.add([entry("a", 1), entry("b", 1)], BEGAN) == [entry("a", 1), entry("b", 1)]
    assert repeats.add([entry("a", 2), gone, policy], LATE - 0.1) == [entry("a", 2), gone, policy]
    assert repeats.add([], LATE) == [entry("a", 2), entry("b", 1), gone, policy]
    assert repeats.add([], LATE + 1) == []


def test_what_was_written_again_meanwhile_is_not_repeated() -> None:
    repeats = repeating_of(entry("a", 9), entry("b", 1))
    repeats.add([entry("a", 1), entry("b", 1)], BEGAN)
    assert repeats.add([entry("a", 9)], LATE) == [entry("a", 9), entry("b", 1)]


def test_who_came_and_went_early_is_gone_once_more() -> None:
    repeats = repeating_of()
    repeats.add([entry("a", 1)], BEGAN)
    repeats.add([state_record("a", 2, None)], BEGAN + 1)
    assert repeats.add([], LATE) == [state_record("a", 2, None)]


def test_what_is_first_written_late_is_not_repeated() -> None:
    repeats = repeating_of(entry("a", 1))
    assert repeats.add([entry("a", 1)], LATE) == [entry("a", 1)]
    assert repeats.add([], LATE + 100) == []


def test_a_fleet_is_repeated_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "MOST_AT_ONCE", 2)
    repeats = repeating_of(*(entry(key, 1) for key in "abcde"))
    repeats.add([entry(key, 1) for key in "abcde"], BEGAN)
    # Changed before its turn came.
    portions = [repeats.add([], LATE), repeats.add([entry("d", 2)], LATE), repeats.add([], LATE)]
    assert [[one.key for one in portion] for portion in portions] == [["a", "b"], ["d", "c", "e"], []]
