"""Log records to agents' logs; pure."""

from typing import Any

import msgspec

from ingest_gateway.otlp.attributes import MAX_NAME, Attributes, cut
from ingest_gateway.otlp.codec import SPAN_ID_BYTES, TRACE_ID_BYTES
from ingest_gateway.otlp.conversion import Conversion, Levels, Origin, Rows
from ingest_gateway.otlp.model import LogRecord, LogsRequest
from ingest_gateway.otlp.moments import moment
from schemas.block import Kind
from schemas.errors import InvalidMessageError
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel

NOUN = "log records"

_LEVELS = Levels("resource_logs", "scope_logs", "log_records")
_GOVERNANCE_EVENT = "promethios.governance_event"
_EXCEPTION_MESSAGE = "exception.message"
_DROPPED = "otel.dropped_attributes_count"

# https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
_HIGHEST_SEVERITY = 24
_LEVEL_OF_SEVERITY = (
    [LogLevel.INFO] + [LogLevel.DEBUG] * 8 + [LogLevel.INFO] * 4 + [LogLevel.WARN] * 4 + [LogLevel.ERROR] * 8
)
_LEVEL_OF_TEXT = {
    "TRACE": LogLevel.DEBUG,
    "DEBUG": LogLevel.DEBUG,
    "WARN": LogLevel.WARN,
    "WARNING": LogLevel.WARN,
    "ERROR": LogLevel.ERROR,
    "CRITICAL": LogLevel.ERROR,
    "FATAL": LogLevel.ERROR,
}


def map_logs(request: LogsRequest, conversion: Conversion) -> Rows:
    """The rows of all log records that can be kept; the others are noted as refused.

    Raises:
        ProblemError: there are too many records or values.
    """
    rows: list[msgspec.Struct] = []
    for origin, records in conversion.scopes(request, _LEVELS):
        first = conversion.take(origin, len(records.items))
        for index, raw in enumerate(records.items, first):
            try:
                row = _row(records.read(raw), origin, conversion)
                if conversion.checks_rows:
                    conversion.check(row)
            except InvalidMessageError as error:
                conversion.refusals.add(index, error)
            else:
                rows.append(row)
    return {Kind.LOG: rows}


def _row(record: LogRecord, origin: Origin, conversion: Conversion) -> LogRow:
    identifier = conversion.codec.identifier
    context = conversion.reader.attributes(record.attributes)
    body = record.body
    message = None if body is None else body.string_value
    if not message or len(message) > conversion.limits.max_text_length:
        message = _message(conversion.reader.value(body), context, conversion.limits.max_text_length)
    if record.dropped_attributes_count:
        context[_DROPPED] = record.dropped_attributes_count
    severity_text = record.severity_text or ""
    severity = record.severity_number or 0
    if not 0 <= severity <= _HIGHEST_SEVERITY:
        severity = 0
    row = LogRow(
        _LEVEL_OF_SEVERITY[severity] if severity else level_of(severity_text),
        message,
        context or None,
        _GOVERNANCE_EVENT in context and context[_GOVERNANCE_EVENT] is True,
        moment(record.time_unix_nano or record.observed_time_unix_nano, "time_unix_nano"),
    )
    # Set rather than given by name, which takes four times as long; absent ones are the row's own default.
    row.severity_number = severity
    row.severity_text = severity_text if len(severity_text) <= MAX_NAME else cut(severity_text, MAX_NAME)
    if record.event_name:
        row.event_name = cut(record.event_name, MAX_NAME)
    row.trace_id = identifier(record.trace_id, TRACE_ID_BYTES)
    row.span_id = identifier(record.span_id, SPAN_ID_BYTES)
    row.service_name = origin.service_name
    row.scope_name = origin.scope_name
    row.resource_attributes = origin.attributes
    return row


def level_of(severity_text: str) -> LogLevel:
    """The level of a record without a known severity number."""
    return _LEVEL_OF_TEXT.get(severity_text.upper(), LogLevel.INFO)


def _message(body: Any, context: Attributes, limit: int) -> str:  # noqa: ANN401 - any JSON value
    """A body that is no text as JSON; without one, what an exception among the attributes says."""
    if body is None or body == "":
        return cut(str(context.get(_EXCEPTION_MESSAGE, "")), limit)
    return cut(body if isinstance(body, str) else _encode(body).decode(), limit)


_encode = msgspec.json.Encoder().encode
