"""A: a share of denials, whatever the volume; what is tolerated and what is unknown cost nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.context import Context
from stream_processors.rules.decisions import (
    DecisionState,
    absorb_decisions,
    decision_of,
    denial_cost,
    denied_share,
)
from stream_processors.rules.evidence import EventRow
from tests.stream_processors.rules.log_builder import DAY, MINUTE, START


def fed(decisions: list[bool], *, gap: int = MINUTE) -> tuple[DecisionState, int]:
    state, now = DecisionState(at=START), START
    for seq, allowed in enumerate(decisions):
        now += gap
        absorb_decisions(state, Context(DEFAULTS, now, bytes(16)), [(seq, allowed)])
    return state, now


@pytest.mark.parametrize(
    ("word", "allowed"),
    [("ALLOW", True), ("permitted", True), ("Deny", False), ("blocked", False), ("ask", None), ("", None)],
)
def test_words_of_policy_engines(word: str, allowed: bool | None) -> None:
    assert decision_of(EventRow("Decision", decision=word)) is allowed


def test_what_was_allowed_and_then_failed_earns_nothing() -> None:
    assert decision_of(EventRow("Decision", decision="allow", success=False)) is None
    assert decision_of(EventRow("Decision", decision="deny", success=False)) is False


def test_nothing_known_and_a_few_denials_cost_nothing() -> None:
    assert denial_cost(DecisionState(), DEFAULTS, START) == 0.0
    state, now = fed([number % 50 != 0 for number in range(300)])
    assert denial_cost(state, DEFAULTS, now) == 0.0


def test_many_denials_cost_by_their_share_and_not_by_their_number() -> None:
    costs = []
    for gap in (MINUTE, MINUTE // 10):
        state, now = fed([number % 2 == 0 for number in range(2000)], gap=gap)
        costs.append(denial_cost(state, DEFAULTS, now))
    assert costs[0] == pytest.approx(0.6, abs=0.1)
    assert costs[1] == pytest.approx(costs[0], rel=0.1)


def test_the_last_denial_is_remembered_and_is_bad_news() -> None:
    state = DecisionState(at=START)
    context = Context(DEFAULTS, START, bytes(16))
    assert absorb_decisions(state, context, [(0, True), (1, False), (2, True)])
    assert not absorb_decisions(state, context, [(0, True)])
    assert state.last_denied is not None
    assert state.last_denied.seq == 1


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 60 * DAY))
def test_a_denial_never_helps_and_time_heals(decisions: list[bool], later: int) -> None:
    state, now = fed(decisions)
    share, cost = denied_share(state, DEFAULTS, now), denial_cost(state, DEFAULTS, now)
    assert 0.0 < share < 1.0
    assert denial_cost(state, DEFAULTS, now + later) <= cost + 1e-9
    absorb_decisions(state, Context(DEFAULTS, now, bytes(16)), [(0, False)])
    assert denial_cost(state, DEFAULTS, now) >= cost
