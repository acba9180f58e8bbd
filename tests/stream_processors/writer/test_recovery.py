"""A new owner begins where nothing is lost and nothing comes twice, or does not begin."""

import pytest

from stream_processors.state.bounds import LogBounds, StateMismatchError
from stream_processors.writer.recovery import first_offset, replay_offset

_LOG = LogBounds("telemetry", 2, start=100, end=200)


@pytest.mark.parametrize(("committed", "start"), [(None, 100), (100, 100), (150, 150), (200, 200)])
def test_without_checkpoints_the_commit_decides(committed: int | None, start: int) -> None:
    assert first_offset(_LOG, committed) == start


@pytest.mark.parametrize(("committed", "cause"), [(99, "retention"), (201, "recreated or truncated")])
def test_a_commit_outside_of_the_log_is_refused(committed: int, cause: str) -> None:
    with pytest.raises(StateMismatchError, match=cause):
        first_offset(_LOG, committed)
    with pytest.raises(StateMismatchError, match=cause):
        replay_offset(_LOG, committed, 150)


@pytest.mark.parametrize(
    ("committed", "fence", "start"),
    [
        (None, -1, 100),
        (None, 99, 100),  # began, and died before the first commit
        (150, 99, 100),
        (150, 149, 150),
        (200, 120, 121),
    ],
)
def test_the_replay_begins_behind_the_checkpoint(committed: int | None, fence: int, start: int) -> None:
    assert replay_offset(_LOG, committed, fence) == start


@pytest.mark.parametrize(
    ("committed", "fence", "cause"),
    [
        (150, 150, "set back"),
        (None, 150, "were lost"),
        (150, 98, "retention"),
        (150, -1, "retention"),
        (150, 200, "set back"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(committed: int | None, fence: int, cause: str) -> None:
    with pytest.raises(StateMismatchError, match=cause):
        replay_offset(_LOG, committed, fence)


def test_a_log_from_its_very_start_needs_no_checkpoint() -> None:
    assert replay_offset(LogBounds("telemetry", 0, 0, 50), 20, -1) == 0
