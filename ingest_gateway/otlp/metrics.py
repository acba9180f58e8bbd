"""Points of metrics to rows; pure."""

from typing import Any, NamedTuple

import msgspec

from ingest_gateway.otlp.attributes import MAX_NAME, cut
from ingest_gateway.otlp.codec import SPAN_ID_BYTES, TRACE_ID_BYTES, Children, Codec
from ingest_gateway.otlp.conversion import Conversion, Levels, Origin, Rows
from ingest_gateway.otlp.metric_model import Exemplar, Metric, MetricsRequest
from ingest_gateway.otlp.metric_values import add_values
from ingest_gateway.otlp.moments import moment
from schemas.block import Kind
from schemas.errors import InvalidMessageError
from schemas.messages.otel_metric import OtelMetricRow, OtelMetricType, Temporality

NOUN = "data points"

_LEVELS = Levels("resource_metrics", "scope_metrics", "metrics")
_NO_POINTS = Children((), bool)
_TEMPORALITIES = {1: Temporality.DELTA, 2: Temporality.CUMULATIVE}


class _Series(NamedTuple):
    """What all points of a metric have in common."""

    name: str
    type: OtelMetricType
    unit: str
    description: str
    temporality: Temporality
    monotonic: bool
    points: Children


def map_metrics(request: MetricsRequest, conversion: Conversion) -> Rows:
    """The rows of all points that can be kept; the others are noted as refused.

    Raises:
        ProblemError: there are too many points or values.
    """
    codec = conversion.codec

    def count_points(metrics: Children) -> int:
        found = [_read(metrics, raw, codec) for raw in metrics.items]
        return sum(len(series.points.items) if isinstance(series, _Series) else 1 for series in found)

    rows: list[msgspec.Struct] = []
    for origin, metrics in conversion.scopes(request, _LEVELS, count_points):
        for raw in metrics.items:
            series = _read(metrics, raw, codec)
            if isinstance(series, InvalidMessageError):
                conversion.refusals.add(conversion.take(origin, 1), series)
                continue
            first = conversion.take(origin, len(series.points.items))
            for index, point in enumerate(series.points.items, first):
                try:
                    row = _row(series, series.points.read(point), origin, conversion)
                    if conversion.checks_rows:
                        conversion.check(row)
                except InvalidMessageError as error:
                    conversion.refusals.add(index, error)
                else:
                    rows.append(row)
    return {Kind.OTEL_METRIC: rows}


def _read(metrics: Children, raw: Any, codec: Codec) -> _Series | InvalidMessageError:  # noqa: ANN401 - a metric
    """A metric, or why it cannot be read, and its points not be counted."""
    try:
        return _series(metrics.read(raw), codec)
    except InvalidMessageError as error:
        return error


def _series(metric: Metric, codec: Codec) -> _Series:
    field = codec.data_field(metric)
    if field is None:
        return _Series("", OtelMetricType.GAUGE, "", "", Temporality.UNSPECIFIED, False, _NO_POINTS)
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
        codec.children(data, "data_points"),
    )


def _row(series: _Series, point: Any, origin: Origin, conversion: Conversion) -> OtelMetricRow:  # noqa: ANN401 - a point of any type
    if not series.name:
        raise InvalidMessageError("a metric needs one", field="name")
    row = OtelMetricRow(
        series.name,
        series.type,
        moment(point.time_unix_nano, "time_unix_nano"),
        moment(point.start_time_unix_nano, "start_time_unix_nano"),
        series.unit,
        series.description,
        series.temporality,
        series.monotonic,
    )
    row.flags = point.flags or 0
    row.service_name = origin.service_name
    row.scope_name = origin.scope_name
    row.attributes = conversion.reader.attributes(point.attributes)
    row.resource_attributes = origin.attributes
    add_values(row, point, conversion.codec)
    if series.type is not OtelMetricType.SUMMARY and point.exemplars:
        exemplars = conversion.codec.children(point, "exemplars")
        _add_trace(row, exemplars.read(exemplars.items[-1]), conversion.codec)
    return row


def _add_trace(row: OtelMetricRow, exemplar: Exemplar, codec: Codec) -> None:
    """Of a point's exemplars only the trace of the last is kept, as a way from a metric to an example."""
    row.trace_id = codec.identifier(exemplar.trace_id, TRACE_ID_BYTES)
    row.span_id = codec.identifier(exemplar.span_id, SPAN_ID_BYTES)
