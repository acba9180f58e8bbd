"""V: claims meet outcomes by id within bounds, and only a false claim of success costs anything."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.context import Context
from stream_processors.rules.veracity import (
    REMEMBERED,
    VeracityState,
    Verdict,
    absorb_verdicts,
    contradicted_share,
    contradiction_cost,
    hear_claim,
    hear_error,
    hear_outcome,
)
from tests.stream_processors.rules.log_builder import DAY, MINUTE, START

BATCH = bytes(16)


def fed(met: list[bool], *, gap: int = MINUTE) -> tuple[VeracityState, int]:
    state, now = VeracityState(at=START), START
    for seq, against in enumerate(met):
        now += gap
        absorb_verdicts(state, Context(DEFAULTS, now, BATCH), [(seq, against)])
    return state, now


@pytest.mark.parametrize(
    ("claimed", "turned_out", "verdict"),
    [
        (True, True, Verdict.CONFIRMED),
        (True, False, Verdict.CONTRADICTED),
        (False, False, Verdict.CONFIRMED),
        (False, True, Verdict.CONFIRMED),
    ],
)
def test_a_claim_meets_its_outcome_in_either_order(claimed: bool, turned_out: bool, verdict: Verdict) -> None:
    state = VeracityState(checked=True)
    assert hear_claim(state, "s", success=claimed) is Verdict.FIRST
    assert hear_outcome(state, "s", success=turned_out) is verdict
    assert hear_outcome(state, "t", success=turned_out) is Verdict.FIRST
    assert hear_claim(state, "t", success=claimed) is verdict
    assert state.waiting == {}


def test_other_ids_do_not_meet() -> None:
    state = VeracityState(checked=True)
    hear_claim(state, "s", success=True)
    assert hear_outcome(state, "t", success=False) is Verdict.FIRST


def test_successes_are_remembered_only_once_outcomes_are_reported() -> None:
    state = VeracityState()
    hear_claim(state, "s", success=True)
    assert state.waiting == {}
    hear_outcome(state, "other", success=True)
    hear_claim(state, "t", success=True)
    assert hear_outcome(state, "t", success=False) is Verdict.CONTRADICTED


def test_an_error_contradicts_nothing() -> None:
    state = VeracityState(checked=True)
    hear_claim(state, "s", success=True)
    assert hear_error(state, "s") is Verdict.FIRST
    assert hear_error(state, "t") is Verdict.FIRST
    assert hear_claim(state, "t", success=False) is Verdict.REPEATED


@given(st.lists(st.tuples(st.sampled_from(["claim", "outcome", "error"]), st.integers(0, 99), st.booleans())))
def test_what_waits_is_bounded_and_the_oldest_goes_first(rows: list[tuple[str, int, bool]]) -> None:
    state = VeracityState()
    for kind, number, success in rows:
        if kind == "claim":
            hear_claim(state, str(number), success=success)
        elif kind == "outcome":
            hear_outcome(state, str(number), success=success)
        else:
            hear_error(state, str(number))
        assert len(state.waiting) <= REMEMBERED
    packed = msgspec.msgpack.encode(state)
    again = msgspec.msgpack.decode(packed, type=VeracityState)
    assert list(again.waiting.items()) == list(state.waiting.items())


def test_nothing_known_and_what_is_tolerated_cost_nothing() -> None:
    assert contradiction_cost(VeracityState(), DEFAULTS, START) == 0.0
    state, now = fed([False] * 300)
    assert contradiction_cost(state, DEFAULTS, now) == 0.0
    state, now = fed([number % 100 == 0 for number in range(300)])
    assert contradiction_cost(state, DEFAULTS, now) == 0.0


def test_lies_cost_and_are_remembered_as_events() -> None:
    state, now = fed([number % 5 == 0 for number in range(300)])
    assert contradicted_share(state, DEFAULTS, now) == pytest.approx(0.19, abs=0.02)
    assert contradiction_cost(state, DEFAULTS, now) > 0.3
    assert state.last_contradicted is not None
    assert state.last_contradicted.seq == 295


def test_a_flood_of_true_claims_hides_little() -> None:
    met = [number % 5 == 0 for number in range(300)]
    state, now = fed(met)
    before = contradiction_cost(state, DEFAULTS, now)
    absorb_verdicts(state, Context(DEFAULTS, now, BATCH), [(seq, False) for seq in range(10_000)])
    assert contradiction_cost(state, DEFAULTS, now) > 0.6 * before


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 60 * DAY))
def test_a_contradiction_never_helps_and_time_heals(met: list[bool], later: int) -> None:
    state, now = fed(met)
    before = contradiction_cost(state, DEFAULTS, now)
    assert contradiction_cost(state, DEFAULTS, now + later) <= before + 1e-9
    absorb_verdicts(state, Context(DEFAULTS, now, BATCH), [(0, True)])
    assert contradiction_cost(state, DEFAULTS, now) >= before
