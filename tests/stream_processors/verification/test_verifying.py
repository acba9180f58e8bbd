"""A checkpoint that was not made from this log, or is half written, is not compared with it."""

import uuid

import pytest

from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from stream_processors.checkpoint.meta import META_VERSION, PartitionMeta, encode_meta
from stream_processors.state.bounds import LogBounds, StateMismatchError
from stream_processors.state.snapshot import Snapshot, StateEntry
from stream_processors.verification.verifying import check_fits, is_whole

TOPIC_ID = uuid.UUID(int=7)
META = encode_meta(PartitionMeta(TOPIC_ID))


def log(start: int = 0, end: int = 10) -> LogBounds:
    return LogBounds(Topic.TELEMETRY, 1, start, end)


def test_what_fits() -> None:
    check_fits(Snapshot(9, META), log(), TOPIC_ID)
    check_fits(Snapshot(9, META), log(start=10), TOPIC_ID)
    check_fits(Snapshot(), log(start=5), TOPIC_ID)


@pytest.mark.parametrize(
    ("snapshot", "bounds", "topic_id", "says"),
    [
        (Snapshot(9, META), log(), uuid.UUID(int=8), "recreated"),
        (Snapshot(10, META), log(), TOPIC_ID, "truncated"),
        (Snapshot(3, META), log(start=5), TOPIC_ID, "retention"),
    ],
    ids=["another-topic", "beyond-the-end", "lost"],
)
def test_what_does_not_fit(snapshot: Snapshot, bounds: LogBounds, topic_id: uuid.UUID, says: str) -> None:
    with pytest.raises(StateMismatchError, match=says):
        check_fits(snapshot, bounds, topic_id)


def test_what_another_release_wrote() -> None:
    meta = encode_meta(PartitionMeta(TOPIC_ID, META_VERSION + 1))
    with pytest.raises(InvalidMessageError, match="run the release that wrote it"):
        check_fits(Snapshot(9, meta), log(), TOPIC_ID)


def test_what_is_ahead_of_the_checkpoint_is_half_written() -> None:
    assert is_whole(Snapshot())
    assert is_whole(Snapshot(9, META, {"t/a": StateEntry(9, b"")}))
    assert not is_whole(Snapshot(9, META, {"t/a": StateEntry(10, b"")}))
    assert not is_whole(Snapshot(9, META, gone={"t/a": 10}))
