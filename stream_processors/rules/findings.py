"""What stands behind a reason: the figure that was found, the one that would cost nothing, and the events."""

from collections.abc import Sequence
from typing import NamedTuple

from stream_processors.rules import ceilings
from stream_processors.rules import reason_codes as codes
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.decisions import denied_share
from stream_processors.rules.elementary import exp_negative
from stream_processors.rules.evidence import EventRef
from stream_processors.rules.liveness import intervals_missed
from stream_processors.rules.spending import read_burn
from stream_processors.rules.state import AgentState
from stream_processors.rules.trust_score import Measurement
from stream_processors.rules.veracity import contradicted_share


class Figures(NamedTuple):
    """A number that was found and the one expected, in the same unit; None where there is none."""

    observed: float | None = None
    expected: float | None = None


def figures_of(code: str, state: AgentState, model: Calibration, measurement: Measurement) -> Figures:
    """Shares of failures, denials and contradicted claims; times slower or dearer; intervals missed."""
    parameters, now = model.parameters, state.clock
    figures = Figures()
    if code == codes.FAILURES:
        figures = Figures(1.0 - measurement.outcomes.ratio, 1.0 - measurement.outcomes.slow_ratio)
    elif code == codes.DENIALS and state.decisions is not None:
        figures = Figures(denied_share(state.decisions, model, now), parameters.decisions.tolerated_share)
    elif code == codes.CONTRADICTIONS and state.veracity is not None:
        share = contradicted_share(state.veracity, model, now)
        figures = Figures(share, parameters.veracity.tolerated_share)
    elif code == codes.SLOWNESS and state.latency is not None:
        figures = Figures(1.0 / exp_negative(state.latency.recent), parameters.latency.tolerated_factor)
    elif code in (codes.ABSENCE, ceilings.SILENCE):
        missed = intervals_missed(state.presence, now)
        figures = Figures(missed, parameters.liveness.tolerated_intervals)
    elif code == codes.SPENDING and state.spending is not None:
        burn = read_burn(state.spending, model, now)
        figures = Figures(burn.times, parameters.spending.tolerated_multiple)
    return figures


def events_of(code: str, state: AgentState) -> Sequence[EventRef]:
    """The events that count most."""
    violations = state.violations
    if code == codes.VIOLATIONS:
        return [weighed.event for weighed in violations.heaviest]
    if code == ceilings.HIGHS_OPEN:
        return [weighed.event for weighed in violations.highs]
    event = _event_of(code, state)
    return [] if event is None else [event]


def _event_of(code: str, state: AgentState) -> EventRef | None:
    critical = state.violations.last_critical
    events: dict[str, EventRef | None] = {
        codes.FAILURES: state.outcomes.last_failure,
        codes.INCIDENTS: state.incidents.event,
        codes.DENIALS: None if state.decisions is None else state.decisions.last_denied,
        codes.CONTRADICTIONS: None if state.veracity is None else state.veracity.last_contradicted,
        codes.SLOWNESS: None if state.latency is None else state.latency.last_slow,
        codes.SPENDING: None if state.spending is None else state.spending.last_entry,
        ceilings.CRITICAL_OPEN: None if critical is None else critical.event,
    }
    return events.get(code)
