"""The messages of OTLP metrics, in the way of `model`."""

from collections.abc import Sequence

from ingest_gateway.otlp.model import Int32, Int64, KeyValue, Message, Resource, Scope, Uint32, Unsigned


class Exemplar(Message):
    """A measurement that shows what a point sums up; of it only the trace is kept."""

    trace_id: str | None = None
    span_id: str | None = None


class NumberPoint(Message):
    """A point of a gauge or a sum."""

    attributes: Sequence[KeyValue] | None = None
    start_time_unix_nano: Unsigned | None = None
    time_unix_nano: Unsigned | None = None
    as_double: float | None = None
    as_int: Int64 | None = None
    exemplars: Sequence[Exemplar] | None = None
    flags: Uint32 | None = None


class HistogramPoint(Message):
    """Counts by buckets with explicit bounds."""

    attributes: Sequence[KeyValue] | None = None
    start_time_unix_nano: Unsigned | None = None
    time_unix_nano: Unsigned | None = None
    count: Unsigned | None = None
    sum: float | None = None
    bucket_counts: Sequence[Unsigned] | None = None
    explicit_bounds: Sequence[float] | None = None
    exemplars: Sequence[Exemplar] | None = None
    flags: Uint32 | None = None
    min: float | None = None
    max: float | None = None


class Buckets(Message):
    """Counts of consecutive buckets, the first at `offset`."""

    offset: Int32 | None = None
    bucket_counts: Sequence[Unsigned] | None = None


class ExponentialPoint(Message):
    """Counts by buckets whose bounds grow exponentially."""

    attributes: Sequence[KeyValue] | None = None
    start_time_unix_nano: Unsigned | None = None
    time_unix_nano: Unsigned | None = None
    count: Unsigned | None = None
    sum: float | None = None
    scale: Int32 | None = None
    zero_count: Unsigned | None = None
    positive: Buckets | None = None
    negative: Buckets | None = None
    flags: Uint32 | None = None
    exemplars: Sequence[Exemplar] | None = None
    min: float | None = None
    max: float | None = None
    zero_threshold: float | None = None


class Quantile(Message):
    """A value that the share `quantile` of all values does not exceed."""

    quantile: float | None = None
    value: float | None = None


class SummaryPoint(Message):
    """Quantiles."""

    attributes: Sequence[KeyValue] | None = None
    start_time_unix_nano: Unsigned | None = None
    time_unix_nano: Unsigned | None = None
    count: Unsigned | None = None
    sum: float | None = None
    quantile_values: Sequence[Quantile] | None = None
    flags: Uint32 | None = None


class Gauge(Message):
    """Values as they are."""

    data_points: Sequence[NumberPoint] | None = None


class Sum(Message):
    """Values that add up; temporality 0 unspecified, 1 delta, 2 cumulative, here and below."""

    data_points: Sequence[NumberPoint] | None = None
    aggregation_temporality: Int32 | None = None
    is_monotonic: bool | None = None


class Histogram(Message):
    """Explicit buckets."""

    data_points: Sequence[HistogramPoint] | None = None
    aggregation_temporality: Int32 | None = None


class ExponentialHistogram(Message):
    """Exponential buckets."""

    data_points: Sequence[ExponentialPoint] | None = None
    aggregation_temporality: Int32 | None = None


class Summary(Message):
    """Quantiles over time."""

    data_points: Sequence[SummaryPoint] | None = None


class Metric(Message):
    """A metric with the points of its one type."""

    name: str | None = None
    description: str | None = None
    unit: str | None = None
    gauge: Gauge | None = None
    sum: Sum | None = None
    histogram: Histogram | None = None
    exponential_histogram: ExponentialHistogram | None = None
    summary: Summary | None = None


class ScopeMetrics(Message):
    """Metrics of one scope."""

    scope: Scope | None = None
    metrics: Sequence[Metric] | None = None


class ResourceMetrics(Message):
    """Metrics of one resource."""

    resource: Resource | None = None
    scope_metrics: Sequence[ScopeMetrics] | None = None


class MetricsRequest(Message):
    """The body of `POST /v1/metrics`."""

    resource_metrics: Sequence[ResourceMetrics] | None = None
