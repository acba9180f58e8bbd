"""What an attempt changes: whether the notification is settled, and when the endpoint is asked again; pure.

One notification after the other is tried, so that an endpoint hears of events in their order. Failures are
the endpoint's: each makes the pause before the next attempt longer, whichever notification that is of, up to
the longest; this is the circuit breaker, open from a number of failures on, with one probe after each pause.
"""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from schemas.webhooks import DeliveryOutcome
from webhook_dispatcher.endpoint_state import EndpointState, Retry
from webhook_dispatcher.notification import Notification
from webhook_dispatcher.verdict import Answer, Verdict, verdict_of

OPEN_AFTER = 5
_MOST_REFUSALS = 5
_MOST_DOUBLINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Seconds: the first pause, the longest one, and after how long a notification is given up."""

    first: float
    longest: float
    give_up: float


class Attempt(NamedTuple):
    """A notification, what was answered, and when, in milliseconds; `jitter` is random, 0 to 1."""

    notification: Notification
    answer: Answer
    ended_at: int
    jitter: float


class Step(NamedTuple):
    """The state after an attempt, and what came of it."""

    state: EndpointState
    outcome: DeliveryOutcome

    @property
    def is_settled(self) -> bool:
        """Whether the notification needs no further attempt."""
        return self.outcome is not DeliveryOutcome.FAILED


def attempts_of(state: EndpointState, notification: Notification) -> int:
    """How often this notification was tried before."""
    head = state.head
    return head.attempts if head is not None and head.notification_id == notification.event_id else 0


def is_open(state: EndpointState) -> bool:
    """Whether the endpoint has failed so often in a row that it is only probed."""
    return state.failures >= OPEN_AFTER


def is_overdue(state: EndpointState, notification: Notification, now_ms: int, policy: RetryPolicy) -> bool:
    """Whether it has waited too long for an endpoint that fails.

    Time counts from when both were there, the notification and the failure: nothing is given up because the
    dispatcher itself was away.
    """
    if not state.failures:
        return False
    since = max(notification.timestamp, state.failing_since)
    return now_ms - since >= policy.give_up * 1000


def after_attempt(state: EndpointState, attempt: Attempt, policy: RetryPolicy) -> Step:
    """The step of an attempt on the notification at the head."""
    match verdict_of(attempt.answer):
        case Verdict.DELIVERED:
            return Step(_settled(state, failures=0, failing_since=0, retry_at=0), DeliveryOutcome.DELIVERED)
        case Verdict.REFUSED:
            return _after_refusal(state, attempt, policy)
        case Verdict.GONE | Verdict.FAILED:
            return _after_failure(state, attempt, policy)


def given_up(state: EndpointState) -> Step:
    """The step of a notification that is not tried any more."""
    return Step(_settled(state), DeliveryOutcome.UNDELIVERABLE)


def _after_refusal(state: EndpointState, attempt: Attempt, policy: RetryPolicy) -> Step:
    # The endpoint itself is well.
    well = msgspec.structs.replace(state, failures=0, failing_since=0)
    attempts = attempts_of(state, attempt.notification) + 1
    if attempts >= _MOST_REFUSALS:
        return Step(_settled(well, retry_at=0), DeliveryOutcome.UNDELIVERABLE)
    retry_at = attempt.ended_at + _pause_ms(attempts, attempt, policy)
    return Step(_retrying(well, attempt, retry_at), DeliveryOutcome.FAILED)


def _after_failure(state: EndpointState, attempt: Attempt, policy: RetryPolicy) -> Step:
    failed = msgspec.structs.replace(
        state, failures=state.failures + 1, failing_since=state.failing_since or attempt.ended_at
    )
    retry_at = attempt.ended_at + _pause_ms(failed.failures, attempt, policy)
    if is_overdue(failed, attempt.notification, attempt.ended_at, policy):
        return Step(_settled(failed, retry_at=retry_at), DeliveryOutcome.UNDELIVERABLE)
    return Step(_retrying(failed, attempt, retry_at), DeliveryOutcome.FAILED)


def _settled(state: EndpointState, **changes: int) -> EndpointState:
    return msgspec.structs.replace(state, head=None, **changes)


def _retrying(state: EndpointState, attempt: Attempt, retry_at: int) -> EndpointState:
    attempts = attempts_of(state, attempt.notification) + 1
    head = Retry(attempt.notification.event_id, attempts)
    return msgspec.structs.replace(state, head=head, retry_at=retry_at)


def _pause_ms(failures: int, attempt: Attempt, policy: RetryPolicy) -> int:
    """Doubled with each failure, half of it random; at least what the receiver asks for; never too long."""
    doubled = policy.first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS)
    pause = min(doubled, policy.longest) * (0.5 + attempt.jitter / 2)
    return int(1000 * min(max(pause, attempt.answer.retry_after or 0.0), policy.longest))
