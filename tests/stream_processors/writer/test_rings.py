"""Rings are a function of the log, wherever a checkpoint was taken."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.block import Segment
from schemas.errors import InvalidMessageError
from stream_processors.state.snapshot import StateEntry, state_record
from stream_processors.writer.rings import Rings
from tests.stream_processors.writer.records import NOW, segment

_segments = st.lists(
    st.builds(
        lambda agent, batch, keyed: segment(agent, batch, b"", keyed=keyed),
        st.sampled_from(["a", "b"]),
        st.integers(1, 25),
        st.booleans(),
    ),
    max_size=60,
)


def _absorb(rings: Rings, log: list[Segment], start: int = 0) -> list[bool]:
    return [rings.absorb(offset, NOW + offset, each) for offset, each in enumerate(log, start)]


@given(_segments, st.integers(0, 60), st.integers(0, 60))
def test_a_checkpoint_and_the_rest_of_the_log_decide_as_the_whole_log(
    log: list[Segment], cut: int, overlap: int
) -> None:
    whole, before, after = Rings(), Rings(), Rings()
    decisions = _absorb(whole, log)
    _absorb(before, log[:cut])
    after.restore({one.key: StateEntry(one.fence, one.payload or b"") for one in before.changed(cut - 1)})

    # An entry can be ahead of where the replay begins: it skips what it has.
    first = max(0, cut - overlap)
    assert _absorb(after, log[first:], first)[cut - first :] == decisions[cut:]


def test_only_what_changed_since_the_last_checkpoint_is_written() -> None:
    rings = Rings()
    rings.absorb(0, NOW, segment("a", 1, b""))
    rings.absorb(1, NOW, segment("b", 1, b"", keyed=False))
    [one] = rings.changed(7)
    assert one == state_record("default/a", 7, (1).to_bytes(16) + NOW.to_bytes(8))

    rings.saved([one.key], early=False)
    rings.absorb(2, NOW, segment("a", 1, b""))  # a repeat changes nothing
    assert rings.changed(8) == []

    rings.absorb(3, NOW, segment("a", 2, b""))
    assert [one.key for one in rings.changed(9)] == ["default/a"]


def test_a_damaged_checkpoint_is_refused() -> None:
    with pytest.raises(InvalidMessageError, match="24 bytes"):
        Rings().restore({"a": StateEntry(1, b"x" * 17)})


def test_an_erased_agent_is_forgotten_and_its_ring_is_ended_once() -> None:
    rings = Rings()
    for agent in ("gone", "kept"):
        rings.absorb(0, NOW, segment(agent, 1, b""))
    rings.saved((one.key for one in rings.changed(1)), early=False)
    rings.forget("default/gone", math.inf)
    rings.forget("default/unknown", math.inf)
    assert rings.changed(2) == [state_record("default/gone", 2, None)]
    rings.saved(["default/gone"], early=False)
    rings.forget("default/gone", math.inf)
    assert rings.changed(3) == []


def test_what_comes_under_the_id_later_is_remembered() -> None:
    rings = Rings()
    rings.absorb(0, NOW, segment("a", 1, b""))
    rings.absorb(1, NOW + 5, segment("a", 2, b""))
    rings.forget("default/a", NOW)
    [one] = rings.changed(1)
    assert (one.key, one.payload) == ("default/a", (2).to_bytes(16) + (NOW + 5).to_bytes(8))
    rings.forget("default/a", NOW + 5)
    assert rings.absorb(2, NOW + 6, segment("a", 2, b""))
    assert [(one.key, one.is_gone) for one in rings.changed(2)] == [("default/a", False)]


def test_what_was_saved_early_is_written_again_as_it_stands_then() -> None:
    rings = Rings()
    for agent in ("a", "b", "gone"):
        rings.absorb(0, NOW, segment(agent, 1, b""))
    rings.saved(["default/a", "default/gone"], early=True)
    rings.saved(["default/b"], early=False)
    rings.forget("default/gone", math.inf)
    rings.saved(["default/gone"], early=True)
    assert rings.changed(1) == []
    rings.write_again()
    assert sorted((one.key, one.is_gone) for one in rings.changed(2)) == [
        ("default/a", False),
        ("default/gone", True),
    ]
    rings.saved(["default/a", "default/gone"], early=False)
    rings.write_again()
    assert rings.changed(3) == []
