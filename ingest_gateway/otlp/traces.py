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
    says_something,
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
_ERROR_TYPE = "error.type"
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
    name = span.name or ""
    # By position and set one by one: to give all by name takes four times as long.
    row = EventRow(
        EventType.SPAN,
        "",
        moment(span.start_time_unix_nano, "start_time_unix_nano"),
        trace_id,
        name if len(name) <= MAX_NAME else cut(name, MAX_NAME),
    )
    row.latency_ms = _latency(span)
    row.trace_id = trace_id
    row.span_id = span_id
    row.parent_span_id = codec.identifier(span.parent_span_id, SPAN_ID_BYTES)
    row.span_kind = _KINDS.get(span.kind or 0, "")
    row.service_name = origin.service_name
    row.scope_name = origin.scope_name
    row.attributes = attributes
    row.resource_attributes = origin.attributes
    if span.events:
        row.span_events = span_events(span, conversion)
    if span.links:
        row.span_links = span_links(span, conversion)
    _add_outcome(row, span, conversion.limits.max_text_length)
    if says_something(attributes):
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


def _add_outcome(row: EventRow, span: Span, longest: int) -> None:
    """A span failed when its status says so, or when it names an error; else it went well."""
    status = span.status
    failed = status is not None and status.code == _ERROR_STATUS
    if not failed and _ERROR_TYPE not in row.attributes:
        row.success = True
        return
    error_type = text_of(row.attributes, (_ERROR_TYPE,))
    row.success = not failed and not error_type
    if row.success:
        return
    exception_type, exception_message = exception_of(row.span_events)
    row.error_type = error_type or cut(exception_type, MAX_NAME)
    row.message = cut((status.message if status is not None else "") or exception_message, longest)


def _add_step(row: EventRow) -> None:
    """What an agent's step has of its own; tokens are those of a call, a run's are those of its calls."""
    attributes = row.attributes
    row.event_type = step_of(attributes)
    row.action = text_of(attributes, (OPERATION,))
    row.provider = text_of(attributes, PROVIDER)
    row.model = text_of(attributes, MODEL)
    row.conversation_id = text_of(attributes, CONVERSATION)
    if row.event_type is EventType.TOOL_CALL:
        row.tool_name = text_of(attributes, TOOL)
    elif row.event_type is EventType.MODEL_CALL:
        usage = usage_of(attributes)
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
