"""The messages of OTLP as the mapping reads them: its JSON form, and what a protobuf message looks like too.

Attributes carry the names of opentelemetry-proto, so that one mapping reads decoded JSON and protobuf
messages alike; a test compares the two. What we do not store is left out here, and ignored when it comes. In
JSON any field may be null, which means unset; 64-bit integers may be texts; ids are hexadecimal.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

_INT64_MAX = 2**63 - 1

Int64 = Annotated[int, msgspec.Meta(ge=-_INT64_MAX - 1, le=_INT64_MAX)]
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Unsigned = Annotated[int, msgspec.Meta(ge=0)]
Uint32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]

# Bytes in protobuf, hexadecimal digits in JSON.
Identifier = bytes | str | None


class Signal(StrEnum):
    """What a request carries; the last part of its path."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"


class Message(msgspec.Struct, rename="camel", gc=False):
    """Base of all: field names in lowerCamelCase, unknown fields ignored."""


class ArrayValue(Message):
    """Values in order."""

    values: "Sequence[AnyValue] | None" = None


class KeyValueList(Message):
    """Values by name."""

    values: "Sequence[KeyValue] | None" = None


class AnyValue(Message):
    """One of these, or none."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Int64 | None = None
    double_value: float | None = None
    array_value: ArrayValue | None = None
    kvlist_value: KeyValueList | None = None
    bytes_value: bytes | None = None


class KeyValue(Message):
    """An attribute."""

    key: str | None = None
    value: AnyValue | None = None


class Resource(Message):
    """Who or what telemetry is about."""

    attributes: Sequence[KeyValue] | None = None


class Scope(Message):
    """The library that made it."""

    name: str | None = None
    version: str | None = None
    attributes: Sequence[KeyValue] | None = None


class SpanEvent(Message):
    """Something that happened at one moment of a span."""

    time_unix_nano: Unsigned | None = None
    name: str | None = None
    attributes: Sequence[KeyValue] | None = None
    dropped_attributes_count: Uint32 | None = None


class SpanLink(Message):
    """Another span that has to do with this one."""

    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    attributes: Sequence[KeyValue] | None = None
    dropped_attributes_count: Uint32 | None = None


class SpanStatus(Message):
    """How a span ended: code 0 unset, 1 ok, 2 error."""

    message: str | None = None
    code: Int32 | None = None


class Span(Message):
    """A step of a trace."""

    trace_id: str | None = None
    span_id: str | None = None
    trace_state: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    kind: Int32 | None = None
    start_time_unix_nano: Unsigned | None = None
    end_time_unix_nano: Unsigned | None = None
    attributes: Sequence[KeyValue] | None = None
    dropped_attributes_count: Uint32 | None = None
    events: Sequence[SpanEvent] | None = None
    dropped_events_count: Uint32 | None = None
    links: Sequence[SpanLink] | None = None
    dropped_links_count: Uint32 | None = None
    status: SpanStatus | None = None


class ScopeSpans(Message):
    """Spans of one scope."""

    scope: Scope | None = None
    spans: Sequence[Span] | None = None


class ResourceSpans(Message):
    """Spans of one resource."""

    resource: Resource | None = None
    scope_spans: Sequence[ScopeSpans] | None = None


class TracesRequest(Message):
    """The body of `POST /v1/traces`."""

    resource_spans: Sequence[ResourceSpans] | None = None


class LogRecord(Message):
    """A log entry."""

    time_unix_nano: Unsigned | None = None
    observed_time_unix_nano: Unsigned | None = None
    severity_number: Int32 | None = None
    severity_text: str | None = None
    body: AnyValue | None = None
    attributes: Sequence[KeyValue] | None = None
    dropped_attributes_count: Uint32 | None = None
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None


class ScopeLogs(Message):
    """Log entries of one scope."""

    scope: Scope | None = None
    log_records: Sequence[LogRecord] | None = None


class ResourceLogs(Message):
    """Log entries of one resource."""

    resource: Resource | None = None
    scope_logs: Sequence[ScopeLogs] | None = None


class LogsRequest(Message):
    """The body of `POST /v1/logs`."""

    resource_logs: Sequence[ResourceLogs] | None = None
