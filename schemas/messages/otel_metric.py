"""A point of an OpenTelemetry metric."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import msgspec


class OtelMetricType(StrEnum):
    """The shapes of OpenTelemetry's metrics data model."""

    GAUGE = "gauge"
    SUM = "sum"
    HISTOGRAM = "histogram"
    EXPONENTIAL_HISTOGRAM = "exponential_histogram"
    SUMMARY = "summary"


class Temporality(StrEnum):
    """Whether a point counts since the point before, or since the start."""

    UNSPECIFIED = ""
    DELTA = "delta"
    CUMULATIVE = "cumulative"


class OtelMetricRow(msgspec.Struct, omit_defaults=True):
    """A row of `otel_metrics` beside its stamps: one data point, with only the columns of its type.

    Buckets are as in OpenTelemetry's data model: `bucket_counts` has one more entry than `explicit_bounds`;
    an exponential histogram has `scale`, `zero_count`, and counts that begin at an offset on each side of
    zero; `quantiles` and `quantile_values` belong together. Attributes are stored as text by name.
    """

    FREE_TEXT: ClassVar[tuple[str, ...]] = ("description", "attributes", "resource_attributes")

    metric_name: str
    metric_type: OtelMetricType
    timestamp: datetime | None = None
    start_timestamp: datetime | None = None
    unit: str = ""
    description: str = ""
    temporality: Temporality = Temporality.UNSPECIFIED
    monotonic: bool = False
    value: float | None = None
    count: int | None = None
    sum: float | None = None
    min: float | None = None
    max: float | None = None
    bucket_counts: list[int] = []
    explicit_bounds: list[float] = []
    scale: int | None = None
    zero_count: int | None = None
    zero_threshold: float | None = None
    positive_offset: int | None = None
    positive_counts: list[int] = []
    negative_offset: int | None = None
    negative_counts: list[int] = []
    quantiles: list[float] = []
    quantile_values: list[float] = []
    flags: int = 0
    trace_id: str = ""
    span_id: str = ""
    service_name: str = ""
    scope_name: str = ""
    attributes: dict[str, Any] = {}
    resource_attributes: dict[str, Any] = {}
