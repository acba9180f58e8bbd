"""Why points are missing: exact contributions that add up to what is missing from 100, the largest first.

The score is a product, so its logarithm is a sum, and each component's share of the sum is its share of the
points. No more than four reasons are named, the limit that the commentary on 12 CFR 1002.9 gives for
principal reasons.
"""

from math import floor

from schemas.derived import Reason
from stream_processors.rules import reason_codes as codes
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.findings import events_of, figures_of
from stream_processors.rules.state import AgentState
from stream_processors.rules.trust_score import Measurement, in_tenths

MAX_REASONS = 4
MIN_POINTS = 1.0

_BITS = {code: 1 << place for place, code in enumerate(codes.CODES)}

Points = list[tuple[str, float]]
Tenths = list[tuple[str, int]]


def contributions(measurement: Measurement, published: float) -> Points:
    """Each cause with the points that it costs; together 100 minus the published value."""
    points = _component_points(measurement)
    if measurement.score < measurement.raw:
        lowest = min(measurement.ceilings, key=lambda ceiling: ceiling.value)
        points.append((lowest.name, measurement.raw - measurement.score))
    points.append((codes.RISE_LIMIT, measurement.score - published))
    return points


def principal(points: Points) -> list[str]:
    """The codes of at most four causes of a point or more, the costliest first; of equals the earlier."""
    weighty = [cause for cause in points if cause[1] >= MIN_POINTS]
    weighty.sort(key=lambda cause: -cause[1])
    return [code for code, _ in weighty[:MAX_REASONS]]


def codes_mask(named: list[str]) -> int:
    """The set of codes as bits, for telling whether the reasons changed."""
    mask = 0
    for code in named:
        mask |= _BITS[code]
    return mask


def rounded(points: Points, published: float) -> Tenths:
    """The points in whole tenths, which add up to the tenths that the published figure lacks."""
    return _largest_remainder(points, 1000 - in_tenths(published))


def explained(
    named: list[str], tenths: Tenths, state: AgentState, model: Calibration, measurement: Measurement
) -> list[Reason]:
    """The reasons as they are published, with figures, and the events that count most in each."""
    cost = dict(tenths)
    reasons = []
    for code in named:
        observed, expected = figures_of(code, state, model, measurement)
        events = [event.event_id for event in events_of(code, state)]
        reasons.append(Reason(code, cost[code] / 10, events, _shown(observed), _shown(expected)))
    return reasons


def _shown(figure: float | None) -> float | None:
    """A figure to the third decimal."""
    return None if figure is None else floor(figure * 1000.0 + 0.5) / 1000


def _component_points(measurement: Measurement) -> Points:
    costs = measurement.costs
    total = costs.total
    if total <= 0.0:
        return []
    per_nat = (100.0 - measurement.raw) / total
    failures = per_nat * costs.failures
    little_evidence = failures * measurement.outcomes.prior_share
    points = [
        (codes.FAILURES, failures - little_evidence),
        (codes.LITTLE_EVIDENCE, little_evidence),
        (codes.INCIDENTS, per_nat * costs.incidents),
        (codes.VIOLATIONS, per_nat * costs.violations),
        (codes.DENIALS, per_nat * costs.denials),
        (codes.CONTRADICTIONS, per_nat * costs.contradictions),
        (codes.SLOWNESS, per_nat * costs.slowness),
        (codes.ABSENCE, per_nat * costs.absence),
        (codes.SPENDING, per_nat * costs.spending),
    ]
    return [cause for cause in points if cause[1] > 0.0]


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
