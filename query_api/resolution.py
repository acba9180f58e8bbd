"""How fine a time series is, by how long it is; pure."""

from dataclasses import dataclass
from enum import StrEnum

from query_api import errors
from runtime.problems import ProblemError
from schemas.tables import Resolution

_MINUTE_MS = 60 * 1000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS
_MOST_POINTS = 2_000
# Minutes are kept for thirty days, and days are asked for to their ends.
_MINUTES_KEPT_MS = 29 * _DAY_MS
_LONGEST_MS = 10 * 366 * _DAY_MS


class AskedResolution(StrEnum):
    """`raw` is each report as it came, `auto` as fine as makes sense."""

    AUTO = "auto"
    RAW = "raw"
    MINUTE = Resolution.MINUTE
    HOUR = Resolution.HOUR
    DAY = Resolution.DAY


BUCKET_MS = {
    AskedResolution.MINUTE: _MINUTE_MS,
    AskedResolution.HOUR: _HOUR_MS,
    AskedResolution.DAY: _DAY_MS,
}
_LONGEST_AUTO_MS = {
    AskedResolution.RAW: 10 * _MINUTE_MS,
    AskedResolution.MINUTE: 12 * _HOUR_MS,
    AskedResolution.HOUR: 31 * _DAY_MS,
}


@dataclass(frozen=True, slots=True)
class Span:
    """From when (included) to when (excluded), in milliseconds, and how fine."""

    start: int
    end: int
    resolution: AskedResolution

    @property
    def bucket_ms(self) -> int | None:
        """How long a bucket is; None for raw reports."""
        return BUCKET_MS.get(self.resolution)


def choose(
    start: int | None, end: int | None, asked: AskedResolution, now: int, default_ms: int = _DAY_MS
) -> Span:
    """The span that was asked for, the last `default_ms` where nothing was; buckets are whole ones.

    Raises:
        ProblemError: INVALID; it is too long for that resolution, or ends before it begins.
    """
    end = now if end is None else end
    start = max(0, end - default_ms) if start is None else start
    if end <= start:
        raise _invalid("from", "must be before `to`, which is now where it is left out")
    if end - start > _LONGEST_MS:
        raise _invalid("from", "must be at most ten years before `to`")
    resolution = _automatic(start, end, now) if asked is AskedResolution.AUTO else asked
    bucket = BUCKET_MS.get(resolution)
    if bucket is None:
        if end - start > _HOUR_MS:
            raise _invalid("resolution", "raw reports are given for an hour at most: take 1m")
        return Span(start, end, resolution)
    if (end - start) // bucket > _MOST_POINTS:
        raise _invalid("resolution", f"these are more than {_MOST_POINTS} points: take a coarser one")
    return Span(start // bucket * bucket, -(-end // bucket) * bucket, resolution)


def _automatic(start: int, end: int, now: int) -> AskedResolution:
    for resolution, longest in _LONGEST_AUTO_MS.items():
        is_kept = resolution is AskedResolution.HOUR or now - start < _MINUTES_KEPT_MS
        if end - start <= longest and is_kept:
            return resolution
    return AskedResolution.DAY


def _invalid(field: str, reason: str) -> ProblemError:
    return ProblemError(
        errors.INVALID,
        "See `errors` for each field.",
        [{"in": "query", "field": field, "reason": reason}],
    )
