"""Events and links of spans."""

import pytest

from ingest_gateway.otlp.conversion import Conversion
from ingest_gateway.otlp.model import AnyValue, KeyValue, Span, SpanEvent, SpanLink
from ingest_gateway.otlp.moments import moment
from ingest_gateway.otlp.span_parts import exception_of, span_events, span_links
from schemas.errors import InvalidMessageError
from tests.ingest_gateway.otlp.mapping import CODECS, LIMITS
from tests.ingest_gateway.otlp.samples import SPAN_ID, START, TRACE_ID

JSON = CODECS[1]
ATTRIBUTES = [KeyValue("k", AnyValue(string_value="v"))]


def test_events_keep_time_name_and_attributes() -> None:
    span = Span(events=[SpanEvent(START, "retry", ATTRIBUTES), SpanEvent()])
    assert span_events(span, Conversion(JSON, LIMITS, "spans")) == [
        {"time": moment(START, ""), "name": "retry", "attributes": {"k": "v"}},
        {"time": None, "name": "", "attributes": {}},
    ]


def test_links_keep_the_other_span_and_attributes() -> None:
    span = Span(links=[SpanLink(TRACE_ID.hex().upper(), SPAN_ID.hex(), attributes=ATTRIBUTES)])
    assert span_links(span, Conversion(JSON, LIMITS, "spans")) == [
        {"trace_id": TRACE_ID.hex(), "span_id": SPAN_ID.hex(), "attributes": {"k": "v"}}
    ]


def test_both_are_limited() -> None:
    span = Span(events=[SpanEvent()] * 1017, links=[SpanLink()] * 1017)
    for read in (span_events, span_links):
        with pytest.raises(InvalidMessageError, match="holds 1017, at most 1016"):
            read(span, Conversion(JSON, LIMITS, "spans"))


def test_the_last_exception_is_the_one_that_ended_the_span() -> None:
    events = [
        {"name": "exception", "attributes": {"exception.type": "A", "exception.message": "first"}},
        {"name": "exception", "attributes": {"exception.type": "B", "exception.message": "last"}},
        {"name": "log", "attributes": {}},
    ]
    assert exception_of(events) == ("B", "last")
    assert exception_of([{"name": "exception", "attributes": {}}]) == ("", "")
    assert exception_of(None) == ("", "")
