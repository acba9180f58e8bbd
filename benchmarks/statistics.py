"""Percentiles and rates of a run; pure."""

import bisect
from collections.abc import Iterable, Sequence

from benchmarks.load import Accepted


def percentile(values: Sequence[float], share: float) -> float:
    """The value at `share` (0 to 1) of the sorted values, by the nearest rank; NaN without values."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def sql_delays(accepted: Iterable[Accepted], seen: dict[str, float]) -> tuple[list[float], int]:
    """Seconds from the 202 to the first sight in SQL, and how many requests were never seen."""
    delays, missing = [], 0
    for request in accepted:
        moment = seen.get(request.batch_id)
        if moment is None:
            missing += 1
        else:
            delays.append(max(0.0, moment - request.answered))
    return delays, missing


def trust_delays(
    accepted: Iterable[Accepted], moves: dict[str, list[tuple[float, float]]]
) -> tuple[list[float], int]:
    """Seconds from the 202 to the first published score whose `as_of` covers the request, and the rest.

    A score is published only when it changed, so requests after an agent's last change have no such score.
    """
    delays, unpublished = [], 0
    for request in accepted:
        scores = moves.get(request.agent_id, [])
        index = bisect.bisect_left(scores, (request.due, 0.0))
        if index == len(scores):
            unpublished += 1
        else:
            delays.append(max(0.0, scores[index][1] - request.answered))
    return delays, unpublished


def histogram_percentile(cumulative: dict[float, float], share: float) -> float:
    """The bound of the bucket that the percentile falls into; `cumulative` are counts by upper bound."""
    total = max(cumulative.values(), default=0.0)
    if not total:
        return float("nan")
    return min(bound for bound, count in cumulative.items() if count >= share * total)
