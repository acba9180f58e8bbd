"""Retrying: longer pauses with each failure, given up in time, and nothing for our own absence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.webhooks import DeliveryOutcome
from tests.webhook_dispatcher.samples import NOW, notification_of
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.progress import (
    OPEN_AFTER,
    Attempt,
    RetryPolicy,
    Step,
    after_attempt,
    attempts_of,
    given_up,
    is_open,
    is_overdue,
)
from webhook_dispatcher.verdict import Answer

POLICY = RetryPolicy(first=2, longest=3600, give_up=3 * 86400)
FRESH = EndpointState("w1", 1, {})
EVENT = notification_of(event_id="e1")
OTHER = notification_of(event_id="e2")
FAILED = Answer(status=500)
TAKEN = Answer(status=204)


def step(state: EndpointState, answer: Answer, at: int = NOW, jitter: float = 1.0) -> Step:
    return after_attempt(state, Attempt(EVENT, answer, at, jitter), POLICY)


def failing(times: int, answer: Answer = FAILED) -> EndpointState:
    state = FRESH
    for _ in range(times):
        state = step(state, answer).state
    return state


def test_success_settles_and_forgets_failures() -> None:
    settled = step(failing(7), TAKEN)
    assert settled == Step(FRESH, DeliveryOutcome.DELIVERED)
    assert settled.is_settled


def test_a_failure_keeps_the_notification_and_counts() -> None:
    first = step(FRESH, FAILED)
    assert first.outcome is DeliveryOutcome.FAILED
    assert not first.is_settled
    assert attempts_of(first.state, EVENT) == 1
    assert attempts_of(first.state, OTHER) == 0
    assert attempts_of(step(first.state, FAILED).state, EVENT) == 2
    assert first.state.failing_since == NOW


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [(failing(n).retry_at - NOW) / 1000 for n in range(1, 15)]
    assert pauses == [min(2.0**n, 3600) for n in range(1, 15)]


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 10**12))
def test_a_pause_is_half_random_and_never_too_long(failures: int, jitter: float, wish: float) -> None:
    state = EndpointState("w1", 1, {}, failures=failures, failing_since=NOW)
    pause = step(state, FAILED, jitter=jitter).state.retry_at - NOW
    assert min(2 * 2.0 ** min(failures, 20), 3600) * 500 - 1 <= pause <= 3_600_000
    wished = step(state, Answer(status=503, retry_after=wish), jitter=jitter).state.retry_at - NOW
    assert min(int(wish * 1000), 3_600_000) - 1 <= wished <= 3_600_000


def test_the_circuit_opens_after_some_failures_and_closes_with_a_success() -> None:
    assert not is_open(failing(OPEN_AFTER - 1))
    assert is_open(failing(OPEN_AFTER))
    assert not is_open(step(failing(OPEN_AFTER), TAKEN).state)


def test_failures_are_the_endpoints_whichever_notification_is_tried() -> None:
    state = failing(3)
    after = after_attempt(state, Attempt(OTHER, FAILED, NOW, 1.0), POLICY).state
    assert (after.failures, attempts_of(after, OTHER)) == (4, 1)


def test_a_body_that_is_refused_is_given_up_soon_and_the_next_is_tried_at_once() -> None:
    outcomes, state = [], FRESH
    for _ in range(5):
        made = step(state, Answer(status=422))
        outcomes.append(made.outcome)
        state = made.state
    assert outcomes == [DeliveryOutcome.FAILED] * 4 + [DeliveryOutcome.UNDELIVERABLE]
    assert state == FRESH


@pytest.mark.parametrize("answer", [FAILED, Answer(status=400), Answer(status=302), Answer(error="x")])
def test_what_fails_for_days_is_given_up(answer: Answer) -> None:
    state = failing(1)
    late = NOW + 3 * 86_400_000
    assert step(state, answer, at=late - 1).outcome is DeliveryOutcome.FAILED
    done = step(state, answer, at=late)
    assert done.outcome is DeliveryOutcome.UNDELIVERABLE
    # The endpoint still fails: the next one waits its turn.
    assert (done.state.head, done.state.failures) == (None, 2)
    assert done.state.retry_at > late


def test_nothing_is_overdue_because_we_were_away() -> None:
    late = NOW + 30 * 86_400_000
    assert not is_overdue(FRESH, EVENT, late, POLICY)
    just_failed = step(FRESH, FAILED, at=late)
    assert just_failed.outcome is DeliveryOutcome.FAILED
    assert not is_overdue(just_failed.state, EVENT, late + 1, POLICY)
    assert is_overdue(just_failed.state, EVENT, late + 3 * 86_400_000, POLICY)


def test_what_came_later_waits_as_long() -> None:
    state = failing(1)
    younger = notification_of(event_id="e3", timestamp=NOW + 86_400_000)
    assert is_overdue(state, EVENT, NOW + 3 * 86_400_000, POLICY)
    assert not is_overdue(state, younger, NOW + 3 * 86_400_000, POLICY)


def test_giving_up_leaves_the_endpoint_as_it_is() -> None:
    state = failing(6)
    assert given_up(state).outcome is DeliveryOutcome.UNDELIVERABLE
    assert given_up(state).state.failures == 6
    assert given_up(state).state.head is None
