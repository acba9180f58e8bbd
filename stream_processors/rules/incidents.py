"""Component I: bursts of failures, which an average hides, as incidents that are remembered for days.

Outcomes that come close together are one observation, which failed if more of their weight failed than did
not: so the tries of one retried call are not a burst, and no flood decides anything.

A Bernoulli CUSUM (Page 1954) over the observations accumulates the log likelihood ratio of a burst against
the agent's own rate of failure, rounded up; honest agents that often fail are not punished for it. Crossing
the threshold is an incident. One costs little, as anybody has an outage; repetition escalates.

Bursts too short to cross it are found by their recurrence. Only observations that follow a failed one are
looked at: where failures are independent such a one fails as rarely as any other, where they come in bursts
it fails often. The evidence of an hour is bounded both ways, so one outage proves nothing, however long, and
it takes bursts in several hours to cross the threshold.
"""

from collections.abc import Sequence

import msgspec

from stream_processors.rules.calibration import BurstSteps, Calibration
from stream_processors.rules.context import Context
from stream_processors.rules.decay import decay_factor
from stream_processors.rules.evidence import EventRef
from stream_processors.rules.judging import AGAIN, CORRECTION, Judged
from stream_processors.rules.outcomes import Weighed


class Observation(msgspec.Struct, array_like=True):
    """The outcomes since `since` (ms): their weights, and the last that failed."""

    since: int
    succeeded: float = 0.0
    failed: float = 0.0
    event: EventRef | None = None


class IncidentState(msgspec.Struct, array_like=True):
    """Pressure as of `at` (ms) with the event that raised it last, and both sequential tests.

    `burst` is the CUSUM and `last` when it last made an incident; `recurrence` is the second test, which has
    the sum of the window since `window_from` still to come; `after_failure` says how the last observation
    went, `latest` is the one that is still open.
    """

    at: int = 0
    pressure: float = 0.0
    burst: float = 0.0
    last: int = 0
    recurrence: float = 0.0
    window_from: int = 0
    window_sum: float = 0.0
    after_failure: bool = False
    latest: Observation | None = None
    event: EventRef | None = None


def absorb_sequence(
    state: IncidentState, context: Context, judged: Sequence[Judged], weighed: Weighed
) -> bool:
    """Take the outcomes of one segment, in their order; True when they bring bad news."""
    before = state.pressure
    latest = state.latest
    if latest is None or context.clock - latest.since >= context.model.observation_span:
        if latest is not None:
            _close(state, latest, context, weighed.slow_ratio)
        latest = state.latest = Observation(context.clock)
    failed = -1
    for (seq, _, success, _, word, _), weight in zip(judged, weighed.weights, strict=True):
        if not success:
            failed = seq
        if word == AGAIN:
            continue
        if success:
            latest.succeeded += weight
            continue
        latest.failed += weight
        if word == CORRECTION:
            # The claim was taken for a success.
            latest.succeeded = max(0.0, latest.succeeded - weight)
    if failed >= 0:
        latest.event = EventRef(context.batch_id, failed)
    return failed >= 0 or state.pressure > before


def incident_pressure(state: IncidentState, model: Calibration, now: int) -> float:
    """I in nats as of `now`; reads only."""
    if not state.pressure:
        return 0.0
    return state.pressure * decay_factor(state.at, now, model.incident_half_life)


def _close(state: IncidentState, observed: Observation, context: Context, slow_ratio: float) -> None:
    model, parameters = context.model, context.model.parameters.incidents
    steps = _steps_for(model, 1.0 - slow_ratio)
    total = observed.succeeded + observed.failed
    if not total:
        return
    failed, repeated = observed.failed > observed.succeeded, state.after_failure
    step = steps.failure if failed else steps.success
    state.burst = max(0.0, state.burst + min(1.0, total) * step)
    if repeated:
        state.window_sum += steps.repeat if failed else steps.relief
    state.after_failure = failed
    if not failed:
        return
    if state.burst >= parameters.threshold:
        state.burst = 0.0
        if not state.last or observed.since - state.last >= model.incident_spacing:
            state.last = observed.since
            _add(state, context, parameters.cost, observed.event)
    if _recurs(state, model, observed.since):
        _add(state, context, parameters.recurrence_cost, observed.event)


def _steps_for(model: Calibration, failure_rate: float) -> BurstSteps:
    for steps in model.burst_steps:
        if failure_rate <= steps.rate:
            return steps
    return model.burst_steps[-1]


def _recurs(state: IncidentState, model: Calibration, now: int) -> bool:
    """At a failure: close a window that is over; True when the evidence of recurring bursts is enough."""
    if now - state.window_from < model.recurrence_window:
        return False
    parameters = model.parameters.incidents
    gained = max(-parameters.recurrence_loss, min(parameters.recurrence_gain, state.window_sum))
    state.recurrence = max(0.0, state.recurrence + gained)
    state.window_from, state.window_sum = now, 0.0
    if state.recurrence < parameters.recurrence_threshold:
        return False
    state.recurrence = 0.0
    return True


def _add(state: IncidentState, context: Context, cost: float, event: EventRef | None) -> None:
    parameters = context.model.parameters.incidents
    left = incident_pressure(state, context.model, context.clock)
    state.pressure = min(parameters.cap, left + cost + parameters.escalation * left)
    state.at = context.clock
    state.event = event
