"""Events and links of a span as they are kept, as JSON; pure."""

from typing import Any

from ingest_gateway.otlp.attributes import MAX_NAME, cut
from ingest_gateway.otlp.codec import SPAN_ID_BYTES, TRACE_ID_BYTES
from ingest_gateway.otlp.conversion import Conversion
from ingest_gateway.otlp.model import Span
from ingest_gateway.otlp.moments import moment

_EXCEPTION = "exception"

Kept = list[dict[str, Any]]


def span_events(span: Span, conversion: Conversion) -> Kept:
    """Each event's time, name and attributes.

    Raises:
        InvalidMessageError: they are too many, or one of them cannot be kept.
    """
    reader = conversion.reader
    found = conversion.codec.children(span, "events")
    reader.admit(len(found.items))
    return [
        {
            "time": moment(event.time_unix_nano, "events.time_unix_nano"),
            "name": cut(event.name or "", MAX_NAME),
            "attributes": reader.attributes(event.attributes),
        }
        for event in map(found.read, found.items)
    ]


def span_links(span: Span, conversion: Conversion) -> Kept:
    """The span that each link points to, with its attributes.

    Raises:
        InvalidMessageError: they are too many, or one of them cannot be kept.
    """
    identifier, reader = conversion.codec.identifier, conversion.reader
    found = conversion.codec.children(span, "links")
    reader.admit(len(found.items))
    return [
        {
            "trace_id": identifier(link.trace_id, TRACE_ID_BYTES),
            "span_id": identifier(link.span_id, SPAN_ID_BYTES),
            "attributes": reader.attributes(link.attributes),
        }
        for link in map(found.read, found.items)
    ]


def exception_of(events: Kept | None) -> tuple[str, str]:
    """Type and message of the last exception among a span's events; empty without one."""
    for event in reversed(events or ()):
        if event["name"] == _EXCEPTION:
            kept = event["attributes"]
            return str(kept.get("exception.type", "")), str(kept.get("exception.message", ""))
    return "", ""
