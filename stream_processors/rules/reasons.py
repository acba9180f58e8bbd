"""Why points are missing: exact contributions that add up to what is missing from 100, the largest first.

The score is a product, so its logarithm is a sum, and each component's share of the sum is its share of the
points. No more than four reasons are named, the limit that the commentary on 12 CFR 1002.9 gives for
principal reasons.
"""

from math import floor

from schemas.derived import Reason
from stream_processors.rules import ceilings
from stream_processors.rules.elementary import natural_log
from stream_processors.rules.evidence import EventRef
from stream_processors.rules.state import AgentState
from stream_processors.rules.trust_score import Measurement, in_tenths

FAILURES = "failures"
LITTLE_EVIDENCE = "little_evidence"
VIOLATIONS = "violations"
RISE_LIMIT = "rise_limit"

# A code's place is its bit in the published state: add at the end only.
CODES = (FAILURES, LITTLE_EVIDENCE, VIOLATIONS, *ceilings.NAMES, RISE_LIMIT)

MAX_REASONS = 4
MIN_POINTS = 1.0

_BITS = {code: 1 << place for place, code in enumerate(CODES)}

Points = list[tuple[str, float]]
Tenths = list[tuple[str, int]]


def contributions(measurement: Measurement, published: float) -> Points:
    """Each cause with the points that it costs; together 100 minus the published value."""
    points = _component_points(measurement)
    if measurement.score < measurement.raw:
        lowest = min(measurement.ceilings, key=lambda ceiling: ceiling.value)
        points.append((lowest.name, measurement.raw - measurement.score))
    points.append((RISE_LIMIT, measurement.score - published))
    return points


def principal(points: Points) -> list[str]:
    """The codes of at most four causes of a point or more, the costliest first; of equals the earlier."""
    weighty = [cause for cause in points if cause[1] >= MIN_POINTS]
    weighty.sort(key=lambda cause: -cause[1])
    return [code for code, _ in weighty[:MAX_REASONS]]


def codes_mask(codes: list[str]) -> int:
    """The set of codes as bits, for telling whether the reasons changed."""
    mask = 0
    for code in codes:
        mask |= _BITS[code]
    return mask


def rounded(points: Points, published: float) -> Tenths:
    """The points in whole tenths, which add up to the tenths that the published figure lacks."""
    return _largest_remainder(points, 1000 - in_tenths(published))


def explained(codes: list[str], tenths: Tenths, state: AgentState) -> list[Reason]:
    """The reasons as they are published, with the events that count most in each."""
    cost = dict(tenths)
    return [Reason(c, cost[c] / 10, [event.event_id for event in _evidence(c, state)]) for c in codes]


def _component_points(measurement: Measurement) -> Points:
    outcomes = measurement.outcomes
    ratio_cost = -1.5 * natural_log(outcomes.ratio)
    cost = ratio_cost + measurement.pressure
    if cost <= 0.0:
        return []
    lost = 100.0 - measurement.raw
    ratio_points = lost * ratio_cost / cost
    little_evidence = ratio_points * outcomes.prior_share
    return [
        (FAILURES, ratio_points - little_evidence),
        (LITTLE_EVIDENCE, little_evidence),
        (VIOLATIONS, lost - ratio_points),
    ]


def _largest_remainder(parts: Points, total: int) -> Tenths:
    """Round to whole tenths so that the sum stays exact (the method of Hamilton)."""
    tenths = [floor(max(0.0, points) * 10.0) for _, points in parts]
    missing = total
    for whole in tenths:
        missing -= whole
    by_remainder = sorted(range(len(parts)), key=lambda i: tenths[i] - parts[i][1] * 10.0)
    step = 1 if missing > 0 else -1
    for place in range(abs(missing)):
        index = by_remainder[place % len(parts)] if step > 0 else by_remainder[-1 - place % len(parts)]
        tenths[index] += step
    return [(code, whole) for (code, _), whole in zip(parts, tenths, strict=True)]


def _evidence(code: str, state: AgentState) -> list[EventRef]:
    violations = state.violations
    if code == FAILURES:
        return [state.outcomes.last_failure] if state.outcomes.last_failure else []
    if code == VIOLATIONS:
        return [weighed.event for weighed in violations.heaviest]
    if code == ceilings.CRITICAL_OPEN and violations.last_critical is not None:
        return [violations.last_critical.event]
    if code == ceilings.HIGHS_OPEN:
        return [weighed.event for weighed in violations.highs]
    return []
