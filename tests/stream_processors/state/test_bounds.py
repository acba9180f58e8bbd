"""State and log either fit together, or the reason why not is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.state.bounds import LogBounds, StateMismatchError, replay_start

_LOG = LogBounds("telemetry", 2, start=100, end=200)


@pytest.mark.parametrize(
    ("fence", "committed", "start"),
    [
        (-1, None, 100),  # a new group begins with what there is
        (150, 151, 151),
        (150, 180, 151),  # acknowledged but not yet checkpointed: read again
        (150, 120, 151),  # checkpointed but not yet acknowledged
        (150, None, 151),
        (99, 120, 100),
        (199, 200, 200),
    ],
)
def test_the_replay_starts_after_the_fence(fence: int, committed: int | None, start: int) -> None:
    assert replay_start(_LOG, fence, committed) == start


@pytest.mark.parametrize(
    ("fence", "committed", "cause"),
    [
        (200, 150, "the state has absorbed offset 200"),
        (150, 201, "the committed offset is 201"),
        (98, 150, "retention"),
        (-1, 150, "retention"),  # the state was lost, and what it was made from, too
    ],
)
def test_a_mismatch_names_its_cause(fence: int, committed: int | None, cause: str) -> None:
    with pytest.raises(StateMismatchError, match=cause) as error:
        replay_start(_LOG, fence, committed)

    assert "telemetry[2]" in str(error.value)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(-1, 120), st.none() | st.integers(0, 120))
def test_no_start_leaves_a_gap_after_the_fence(
    start: int, length: int, fence: int, committed: int | None
) -> None:
    bounds = LogBounds("telemetry", 0, start, start + length)
    try:
        offset = replay_start(bounds, fence, committed)
    except StateMismatchError:
        return
    assert bounds.start <= offset <= bounds.end
    assert offset == fence + 1 or (fence == -1 and committed is None and offset == start)
