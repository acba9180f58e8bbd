"""Points of metrics to rows; pure."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from ingest_gateway.otlp.attributes import MAX_NAME, cut
from ingest_gateway.otlp.codec import SPAN_ID_BYTES, TRACE_ID_BYTES, Codec
from ingest_gateway.otlp.conversion import Conversion, Levels, Origin, Rows
from ingest_gateway.otlp.metric_model import Exemplar, Metric, MetricsRequest
from ingest_gateway.otlp.metric_values import add_values
from ingest_gateway.otlp.moments import moment
from schemas.block import Kind
from schemas.errors import InvalidMessageError
from schemas.messages.otel_metric import OtelMetricRow, OtelMetricType, Temporality

NOUN = "data points"

_TEMPORALITIES = {1: Temporality.DELTA, 2: Temporality.CUMULATIVE}


class _Series(NamedTuple):
    """What all points of a metric have in common."""

    name: str
    type: OtelMetricType
    unit: str
    description: str
    temporality: Temporality
    monotonic: bool
    points: Sequence[Any]


def map_metrics(request: MetricsRequest, conversion: Conversion) -> Rows:
    """The rows of all points that can be kept; the others are noted as refused.

    Raises:
        ProblemError: there are too many points or values.
    """
    codec = conversion.codec

    def count_points(metrics: Iterable[Metric]) -> int:
        return sum(len(_series(metric, codec).points) for metric in metrics)

    rows: list[msgspec.Struct] = []
    levels = Levels("resource_metrics", "scope_metrics", "metrics", count_points)
    for origin, first, metrics in conversion.scopes(request, levels):
        index = first
        for metric in metrics:
            series = _series(metric, codec)
            for point in series.points:
                try:
                    row = _row(series, point, origin, conversion)
                    conversion.check(row)
                except InvalidMessageError as error:
                    conversion.refusals.add(index, error)
                else:
                    rows.append(row)
                index += 1
    return {Kind.OTEL_METRIC: rows}


def _series(metric: Metric, codec: Codec) -> _Series:
    field = codec.data_field(metric)
    if field is None:
        return _Series("", OtelMetricType.GAUGE, "", "", Temporality.UNSPECIFIED, False, ())
    data = getattr(metric, field)
    metric_type = OtelMetricType(field)
    has_temporality = metric_type not in {OtelMetricType.GAUGE, OtelMetricType.SUMMARY}
    return _Series(
        cut(metric.name or "", MAX_NAME),
        metric_type,
        cut(metric.unit or "", MAX_NAME),
        cut(metric.description or "", MAX_NAME),
        _TEMPORALITIES.get(data.aggregation_temporality, Temporality.UNSPECIFIED)
        if has_temporality
        else Temporality.UNSPECIFIED,
        metric_type is OtelMetricType.SUM and bool(data.is_monotonic),
        data.data_points or (),
    )


def _row(series: _Series, point: Any, origin: Origin, conversion: Conversion) -> OtelMetricRow:  # noqa: ANN401 - a point of any type
    if not series.name:
        raise InvalidMessageError("a metric needs one", field="name")
    row = OtelMetricRow(
        series.name,
        series.type,
        timestamp=moment(point.time_unix_nano, "time_unix_nano"),
        start_timestamp=moment(point.start_time_unix_nano, "start_time_unix_nano"),
        unit=series.unit,
        description=series.description,
        temporality=series.temporality,
        monotonic=series.monotonic,
        flags=point.flags or 0,
        service_name=origin.service_name,
        scope_name=origin.scope_name,
        attributes=conversion.reader.attributes(point.attributes),
        resource_attributes=origin.attributes,
    )
    add_values(row, point, conversion.codec)
    if series.type is not OtelMetricType.SUMMARY and point.exemplars:
        _add_trace(row, point.exemplars[-1], conversion.codec)
    return row


def _add_trace(row: OtelMetricRow, exemplar: Exemplar, codec: Codec) -> None:
    """Of a point's exemplars only the trace of the last is kept, as a way from a metric to an example."""
    row.trace_id = codec.identifier(exemplar.trace_id, TRACE_ID_BYTES)
    row.span_id = codec.identifier(exemplar.span_id, SPAN_ID_BYTES)
