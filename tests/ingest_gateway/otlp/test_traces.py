"""Spans to events and costs, the same from both encodings."""

from typing import Any, cast

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from ingest_gateway.otlp.moments import moment
from schemas.block import Kind
from schemas.messages.cost import CostRow
from schemas.messages.event import EventRow, EventType
from tests.ingest_gateway.otlp.mapping import rows_of
from tests.ingest_gateway.otlp.samples import PARENT_ID, SPAN_ID, START, TRACE_ID, pairs, span, traces

ENDED = START + 250_000_000
ERROR = Status(code=Status.STATUS_CODE_ERROR, message="no route")
USAGE = {
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 30,
    "gen_ai.usage.cache_read.input_tokens": 100,
    "gen_ai.usage.cache_creation.input_tokens": 5,
    "gen_ai.usage.reasoning.output_tokens": 7,
}


def events_of(*spans: Span) -> list[EventRow]:
    rows, partial = rows_of(traces(*spans))
    assert partial is None
    return cast("list[EventRow]", rows[Kind.EVENT])


def event_of(attributes: dict[str, Any] | None = None, **fields: Any) -> EventRow:  # noqa: ANN401 - any field of a span
    (event,) = events_of(span(attributes, **fields))
    return event


def costs_of(*spans: Span) -> list[CostRow]:
    return cast("list[CostRow]", rows_of(traces(*spans))[0][Kind.COST])


def test_any_span_is_kept_whole() -> None:
    event = event_of(
        {"http.request.method": "GET", "port": 8080},
        name="GET /search",
        parent_span_id=PARENT_ID,
        kind=Span.SPAN_KIND_CLIENT,
        trace_state="vendor=1",
        dropped_attributes_count=1,
        dropped_events_count=2,
        dropped_links_count=3,
        events=[Span.Event(time_unix_nano=START, name="retry", attributes=pairs({"n": 1}))],
        links=[Span.Link(trace_id=TRACE_ID, span_id=PARENT_ID)],
    )
    assert event == EventRow(
        EventType.SPAN,
        timestamp=moment(START, ""),
        run_id=TRACE_ID.hex(),
        name="GET /search",
        success=True,
        latency_ms=250.0,
        trace_id=TRACE_ID.hex(),
        span_id=SPAN_ID.hex(),
        parent_span_id=PARENT_ID.hex(),
        span_kind="client",
        service_name="researcher",
        scope_name="agent.search",
        attributes={
            "http.request.method": "GET",
            "port": 8080,
            "w3c.tracestate": "vendor=1",
            "otel.dropped_attributes_count": 1,
            "otel.dropped_events_count": 2,
            "otel.dropped_links_count": 3,
        },
        resource_attributes={
            "service.name": "researcher",
            "service.version": "1.4.2",
            "otel.scope.version": "2",
        },
        span_events=[{"time": moment(START, ""), "name": "retry", "attributes": {"n": 1}}],
        span_links=[{"trace_id": TRACE_ID.hex(), "span_id": PARENT_ID.hex(), "attributes": {}}],
    )


def test_a_tool_call_names_its_tool() -> None:
    event = event_of({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"})
    assert (event.event_type, event.tool_name, event.action) == ("ToolCall", "search", "execute_tool")


def test_a_model_call_counts_its_tokens() -> None:
    call = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.conversation.id": "talk-1",
    }
    event = event_of(call | USAGE)
    assert (event.event_type, event.provider, event.model) == ("ModelCall", "openai", "gpt-5")
    assert (event.input_tokens, event.output_tokens, event.cost_tokens) == (120, 30, 150)
    assert (event.cache_read_tokens, event.cache_creation_tokens, event.reasoning_tokens) == (100, 5, 7)
    assert event.conversation_id == "talk-1"


@pytest.mark.parametrize("operation", ["invoke_agent", "invoke_workflow", "create_agent"])
def test_a_run_has_a_start_and_an_end(operation: str) -> None:
    agent = {"gen_ai.operation.name": operation, "gen_ai.agent.name": "writer"}
    start, end = events_of(span(agent | USAGE, name="invoke_agent writer", status=ERROR))
    assert (start.event_type, start.timestamp, start.latency_ms) == ("RunStart", moment(START, ""), None)
    assert (end.event_type, end.timestamp, end.latency_ms) == ("RunEnd", moment(ENDED, ""), 250.0)
    assert (start.success, end.success, end.message) == (None, False, "no route")
    for event in (start, end):
        assert (event.run_id, event.span_id, event.name) == (
            TRACE_ID.hex(),
            SPAN_ID.hex(),
            "invoke_agent writer",
        )
    assert end.attributes["gen_ai.agent.name"] == "writer"


def test_tokens_count_where_they_were_used_and_nowhere_else() -> None:
    """Frameworks write the sum of all calls on the span of the agent: it must not be charged again."""
    agent = span({"gen_ai.operation.name": "invoke_agent"} | USAGE, span_id=PARENT_ID)
    call = span({"gen_ai.operation.name": "chat"} | USAGE, parent_span_id=PARENT_ID)
    assert [(row.metric_type, row.amount, row.span_id) for row in costs_of(call, agent)] == [
        ("tokens_in", "120", SPAN_ID.hex()),
        ("tokens_out", "30", SPAN_ID.hex()),
    ]
    assert sum(event.input_tokens or 0 for event in events_of(call, agent)) == 120


def test_costs_have_the_time_of_the_answer() -> None:
    (row,) = costs_of(span({"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1}))
    assert row.timestamp == moment(ENDED, "")
    assert (row.run_id, row.trace_id) == (TRACE_ID.hex(), TRACE_ID.hex())


EXCEPTION = Span.Event(
    name="exception",
    attributes=pairs({"exception.type": "TimeoutError", "exception.message": "after 30 s"}),
)


@pytest.mark.parametrize(
    ("attributes", "fields", "outcome"),
    [
        ({}, {}, (True, "", "")),
        ({}, {"status": Status(code=Status.STATUS_CODE_OK)}, (True, "", "")),
        ({}, {"status": ERROR}, (False, "", "no route")),
        ({"error.type": "500"}, {}, (False, "500", "")),
        ({"error.type": "500"}, {"events": [EXCEPTION]}, (False, "500", "after 30 s")),
        ({}, {"status": ERROR, "events": [EXCEPTION]}, (False, "TimeoutError", "no route")),
        (
            {},
            {"status": Status(code=Status.STATUS_CODE_ERROR), "events": [EXCEPTION]},
            (False, "TimeoutError", "after 30 s"),
        ),
        ({}, {"events": [EXCEPTION]}, (True, "", "")),
    ],
)
def test_success_comes_from_the_status_or_the_error(
    attributes: dict[str, Any], fields: dict[str, Any], outcome: tuple[bool, str, str]
) -> None:
    event = event_of(attributes, **fields)
    assert (event.success, event.error_type, event.message) == outcome


@pytest.mark.parametrize(
    ("started", "ended", "latency"),
    [(0, ENDED, None), (START, 0, None), (ENDED, START, None), (START, START, 0.0)],
)
def test_a_latency_needs_a_start_and_a_later_end(started: int, ended: int, latency: float | None) -> None:
    event = event_of(start_time_unix_nano=started, end_time_unix_nano=ended)
    assert event.latency_ms == latency


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"trace_id": b""}, "trace_id and span_id: must be 16 and 8 bytes"),
        ({"trace_id": bytes(16)}, "trace_id and span_id"),
        ({"span_id": b"short"}, "trace_id and span_id"),
        ({"start_time_unix_nano": 2**64 - 1}, "start_time_unix_nano: the year must be"),
        ({"end_time_unix_nano": 2**64 - 1}, "end_time_unix_nano: the year must be"),
        (
            {"attributes": pairs({"gen_ai.operation.name": "execute_tool", "promethios.cost.usd": -1})},
            "promethios.cost.usd: must be 0",
        ),
        ({"attributes": pairs({str(n): n for n in range(1100)})}, "attributes: holds 1100"),
    ],
)
def test_a_span_that_cannot_be_kept_is_refused_alone(bad: dict[str, Any], reason: str) -> None:
    good = span(span_id=PARENT_ID)
    refused = span()
    for name, content in bad.items():
        if name == "attributes":
            refused.attributes.extend(content)
        else:
            setattr(refused, name, content)
    rows, partial = rows_of(traces(good, refused, good))
    assert len(rows[Kind.EVENT]) == 2
    assert partial is not None
    assert partial.rejected == 1
    assert partial.message.startswith(f"refused 1 spans: 1: {reason}")


@pytest.mark.parametrize("parent", [b"", bytes(8)])
def test_a_root_has_no_parent(parent: bytes) -> None:
    assert event_of(parent_span_id=parent).parent_span_id == ""


def test_long_names_are_cut() -> None:
    assert event_of(name="n" * 1000).name.endswith("[cut from 1000 characters]")


def test_long_messages_are_cut() -> None:
    status = Status(code=Status.STATUS_CODE_ERROR, message="m" * 70_000)
    exception = Span.Event(name="exception", attributes=pairs({"exception.type": "T" * 300}))
    event = event_of(status=status, events=[exception])
    assert (len(event.message), len(event.error_type)) == (65_536, 256)
