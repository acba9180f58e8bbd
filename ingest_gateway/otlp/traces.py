"""Spans to events of runs, and to entries of the cost ledger; pure.

`docs/opentelemetry.md` has the table of what becomes what.
"""

from ingest_gateway.otlp.attributes import MAX_NAME, Attributes, cut
from ingest_gateway.otlp.codec import SPAN_ID_BYTES, TRACE_ID_BYTES
from ingest_gateway.otlp.conversion import Conversion, Levels, Origin, Rows
from ingest_gateway.otlp.costs import cost_rows
from ingest_gateway.otlp.genai import (
    CONVERSATION,
    MODEL,
    OPERATION,
    PROVIDER,
    RUN,
    TOOL,
    step_of,
    text_of,
    usage_of,
)
from ingest_gateway.otlp.model import Span, TracesRequest
from ingest_gateway.otlp.moments import moment
from ingest_gateway.otlp.span_parts import exception_of, span_events, span_links
from schemas.block import Kind
from schemas.errors import InvalidMessageError
from schemas.messages.cost import CostRow
from schemas.messages.event import EventRow, EventType

NOUN = "spans"

_LEVELS = Levels("resource_spans", "scope_spans", "spans")
_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
_ERROR_STATUS = 2
_ERROR_TYPE = ("error.type",)
_NANOSECONDS_A_MILLISECOND = 1_000_000


def map_spans(request: TracesRequest, conversion: Conversion) -> Rows:
    """The rows of all spans that can be kept; the others are noted as refused.

    Raises:
        ProblemError: there are too many spans or values.
    """
    events: list[EventRow] = []
    costs: list[CostRow] = []
    for origin, spans in conversion.scopes(request, _LEVELS):
        first = conversion.take(origin, len(spans.items))
        for index, raw in enumerate(spans.items, first):
            try:
                span: Span = spans.read(raw)
                ended = moment(span.end_time_unix_nano, "end_time_unix_nano")
                event = _event(span, origin, conversion)
                if conversion.checks_rows:
                    conversion.check(event)
                costs += cost_rows(event, origin.attributes, ended)
            except InvalidMessageError as error:
                conversion.refusals.add(index, error)
            else:
                if event.event_type is RUN:
                    events.append(_start_of(event))
                    event.event_type, event.timestamp = EventType.RUN_END, ended or event.timestamp
                events.append(event)
    return {Kind.EVENT: list(events), Kind.COST: list(costs)}


def _event(span: Span, origin: Origin, conversion: Conversion) -> EventRow:
    """The row of a span with all that it says; that of a run has the time of its start, and is its end."""
    codec, reader = conversion.codec, conversion.reader
    trace_id = codec.identifier(span.trace_id, TRACE_ID_BYTES)
    span_id = codec.identifier(span.span_id, SPAN_ID_BYTES)
    if not trace_id or not span_id:
        raise InvalidMessageError("must be 16 and 8 bytes, not all zero", field="trace_id and span_id")
    attributes = reader.attributes(span.attributes)
    row = EventRow(
        step_of(attributes),
        timestamp=moment(span.start_time_unix_nano, "start_time_unix_nano"),
        run_id=trace_id,
        name=cut(span.name or "", MAX_NAME),
        action=text_of(attributes, (OPERATION,)),
        latency_ms=_latency(span),
        provider=text_of(attributes, PROVIDER),
        model=text_of(attributes, MODEL),
        conversation_id=text_of(attributes, CONVERSATION),
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=codec.identifier(span.parent_span_id, SPAN_ID_BYTES),
        span_kind=_KINDS.get(span.kind or 0, ""),
        service_name=origin.service_name,
        scope_name=origin.scope_name,
        attributes=attributes,
        resource_attributes=origin.attributes,
    )
    if span.events:
        row.span_events = span_events(span, conversion)
    if span.links:
        row.span_links = span_links(span, conversion)
    _add_outcome(row, span)
    _add_step(row)
    _add_rest(attributes, span)
    return row


def _start_of(end: EventRow) -> EventRow:
    """The row of a run's start, out of the one that says everything about the run."""
    return EventRow(
        EventType.RUN_START,
        timestamp=end.timestamp,
        run_id=end.run_id,
        name=end.name,
        action=end.action,
        provider=end.provider,
        model=end.model,
        conversation_id=end.conversation_id,
        trace_id=end.trace_id,
        span_id=end.span_id,
        parent_span_id=end.parent_span_id,
        span_kind=end.span_kind,
        service_name=end.service_name,
        scope_name=end.scope_name,
        resource_attributes=end.resource_attributes,
    )


def _latency(span: Span) -> float | None:
    started, ended = span.start_time_unix_nano or 0, span.end_time_unix_nano or 0
    if not started or ended < started:
        return None
    return (ended - started) / _NANOSECONDS_A_MILLISECOND


def _add_outcome(row: EventRow, span: Span) -> None:
    """A span failed when its status says so, or when it names an error; else it went well."""
    status = span.status
    failed = status is not None and status.code == _ERROR_STATUS
    row.error_type = text_of(row.attributes, _ERROR_TYPE)
    row.success = not failed and not row.error_type
    if row.success:
        return
    exception_type, exception_message = exception_of(row.span_events)
    row.error_type = row.error_type or exception_type
    row.message = (status.message if status is not None else "") or exception_message


def _add_step(row: EventRow) -> None:
    """What calls of tools and models have of their own; tokens of a run are those of its calls."""
    if row.event_type is EventType.TOOL_CALL:
        row.tool_name = text_of(row.attributes, TOOL)
    elif row.event_type is EventType.MODEL_CALL:
        usage = usage_of(row.attributes)
        row.input_tokens = usage.input
        row.output_tokens = usage.output
        row.cache_read_tokens = usage.cache_read
        row.cache_creation_tokens = usage.cache_creation
        row.reasoning_tokens = usage.reasoning
        row.cost_tokens = usage.total


def _add_rest(attributes: Attributes, span: Span) -> None:
    """What has no column, by the names that OpenTelemetry gives it in formats without a field for it."""
    if span.trace_state:
        attributes["w3c.tracestate"] = cut(span.trace_state, MAX_NAME)
    if span.dropped_attributes_count:
        attributes["otel.dropped_attributes_count"] = span.dropped_attributes_count
    if span.dropped_events_count:
        attributes["otel.dropped_events_count"] = span.dropped_events_count
    if span.dropped_links_count:
        attributes["otel.dropped_links_count"] = span.dropped_links_count
