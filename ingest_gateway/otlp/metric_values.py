"""The values of a point, for each type of metric; pure.

JSON has no NaN and no infinity: such a value is stored as null, and what it was stands in the point's
attributes, as `promethios.value` or with another column's name behind the dot.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from ingest_gateway.otlp.attributes import finite
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.metric_model import (
    Buckets,
    ExponentialPoint,
    HistogramPoint,
    NumberPoint,
    SummaryPoint,
)
from schemas.errors import InvalidMessageError
from schemas.messages.otel_metric import OtelMetricRow, OtelMetricType

MAX_BUCKETS = 16_384

_UINT64_MAX = 2**64 - 1
_NO_RECORDED_VALUE = 1
_NOT_FINITE = "promethios."


def add_values(row: OtelMetricRow, point: Any, codec: Codec) -> None:  # noqa: ANN401 - a point of any type
    """Write a point's values on its row; none where it says that none was recorded.

    Raises:
        InvalidMessageError: they contradict each other, or cannot be stored.
    """
    if not row.flags & _NO_RECORDED_VALUE:
        _ADD[row.metric_type](row, point, codec)


def _number(row: OtelMetricRow, point: NumberPoint, codec: Codec) -> None:
    value = codec.optional(point, "as_double")
    if value is None:
        value = codec.optional(point, "as_int")
    _set(row, "value", value)


def _histogram(row: OtelMetricRow, point: HistogramPoint, codec: Codec) -> None:
    _add_totals(row, point, codec)
    row.bucket_counts = _counts(point.bucket_counts, "bucket_counts")
    _check_length(len(point.explicit_bounds or ()), "explicit_bounds")
    row.explicit_bounds = list(point.explicit_bounds or ())
    if not all(map(math.isfinite, row.explicit_bounds)):
        raise InvalidMessageError("must be finite numbers", field="explicit_bounds")
    if row.bucket_counts and len(row.bucket_counts) != len(row.explicit_bounds) + 1:
        raise InvalidMessageError("must be one more than explicit_bounds", field="bucket_counts")


def _exponential(row: OtelMetricRow, point: ExponentialPoint, codec: Codec) -> None:
    _add_totals(row, point, codec)
    row.scale = point.scale or 0
    row.zero_count = _count(point.zero_count, "zero_count")
    _set(row, "zero_threshold", point.zero_threshold or 0.0)
    row.positive_offset, row.positive_counts = _buckets(point.positive, "positive")
    row.negative_offset, row.negative_counts = _buckets(point.negative, "negative")


def _summary(row: OtelMetricRow, point: SummaryPoint, codec: Codec) -> None:
    row.count = _count(point.count, "count")
    _set(row, "sum", point.sum or 0.0)
    found = codec.children(point, "quantile_values")
    _check_length(len(found.items), "quantile_values")
    # A quantile of no values is NaN: there is nothing to keep.
    kept = [
        (quantile.quantile or 0.0, quantile.value or 0.0)
        for quantile in map(found.read, found.items)
        if math.isfinite(quantile.quantile or 0.0) and math.isfinite(quantile.value or 0.0)
    ]
    row.quantiles = [quantile for quantile, _ in kept]
    row.quantile_values = [value for _, value in kept]


_ADD: dict[OtelMetricType, Callable[[OtelMetricRow, Any, Codec], None]] = {
    OtelMetricType.GAUGE: _number,
    OtelMetricType.SUM: _number,
    OtelMetricType.HISTOGRAM: _histogram,
    OtelMetricType.EXPONENTIAL_HISTOGRAM: _exponential,
    OtelMetricType.SUMMARY: _summary,
}


def _add_totals(row: OtelMetricRow, point: HistogramPoint | ExponentialPoint, codec: Codec) -> None:
    row.count = _count(point.count, "count")
    for field in ("sum", "min", "max"):
        _set(row, field, codec.optional(point, field))


def _set(row: OtelMetricRow, field: str, value: float | None) -> None:
    if value is None:
        return
    if math.isfinite(value):
        setattr(row, field, value)
    else:
        row.attributes[_NOT_FINITE + field] = finite(value)


def _buckets(buckets: Buckets | None, field: str) -> tuple[int | None, list[int]]:
    counts = _counts(None if buckets is None else buckets.bucket_counts, field)
    return (buckets.offset or 0 if buckets is not None and counts else None), counts


def _counts(counts: Sequence[int] | None, field: str) -> list[int]:
    _check_length(len(counts or ()), field)
    found = list(counts or ())
    if found:
        _count(max(found), field)
    return found


def _check_length(length: int, field: str) -> None:
    if length > MAX_BUCKETS:
        raise InvalidMessageError(f"holds {length}, at most {MAX_BUCKETS} are taken", field=field)


def _count(count: int | None, field: str) -> int:
    """A count as unsigned 64 bits: protobuf cannot say more, JSON can."""
    if (count or 0) > _UINT64_MAX:
        raise InvalidMessageError(f"must be at most {_UINT64_MAX}", field=field)
    return count or 0
