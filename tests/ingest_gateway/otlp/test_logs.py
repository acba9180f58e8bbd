"""Log records to agents' logs, the same from both encodings."""

from typing import Any, cast

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from ingest_gateway.otlp.moments import moment
from schemas.block import Kind
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from tests.ingest_gateway.otlp.mapping import rows_of
from tests.ingest_gateway.otlp.samples import SPAN_ID, START, TRACE_ID, logs, record


def rows(*records: LogRecord) -> list[LogRow]:
    found, partial = rows_of(logs(*records))
    assert partial is None
    return cast("list[LogRow]", found[Kind.LOG])


def row(*arguments: Any, **fields: Any) -> LogRow:  # noqa: ANN401 - of `record`
    (found,) = rows(record(*arguments, **fields))
    return found


def test_a_record_keeps_what_it_says() -> None:
    found = row(
        "search timed out",
        {"tool": "search", "attempt": 2},
        severity_number=17,
        severity_text="ERROR",
        trace_id=TRACE_ID,
        span_id=SPAN_ID,
        event_name="tool.failed",
        dropped_attributes_count=4,
    )
    assert found == LogRow(
        LogLevel.ERROR,
        "search timed out",
        {"tool": "search", "attempt": 2, "otel.dropped_attributes_count": 4},
        timestamp=moment(START, ""),
        severity_number=17,
        severity_text="ERROR",
        event_name="tool.failed",
        trace_id=TRACE_ID.hex(),
        span_id=SPAN_ID.hex(),
        service_name="researcher",
        scope_name="agent.search",
        resource_attributes={
            "service.name": "researcher",
            "service.version": "1.4.2",
            "otel.scope.version": "2",
        },
    )


@pytest.mark.parametrize(
    ("severity", "text", "level"),
    [
        (1, "", "debug"),
        (8, "", "debug"),
        (9, "ERROR", "info"),
        (12, "", "info"),
        (13, "", "warn"),
        (16, "", "warn"),
        (17, "", "error"),
        (24, "", "error"),
        (0, "warning", "warn"),
        (0, "Fatal", "error"),
        (0, "trace", "debug"),
        (0, "", "info"),
        (0, "notice", "info"),
        (25, "ERROR", "error"),
        (-1, "", "info"),
        (2**31 - 1, "", "info"),
    ],
)
def test_the_level_is_that_of_the_severity(severity: int, text: str, level: str) -> None:
    found = row(severity_number=severity, severity_text=text)
    assert found.level == level
    assert found.severity_number == (severity if 0 < severity <= 24 else 0)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("text", "text"),
        ("", ""),
        (None, ""),
        (5, "5"),
        (False, "false"),
        (b"ab", "YWI="),
        ({"event": "done", "n": [1, 2.5, None]}, '{"event":"done","n":[1,2.5,null]}'),
    ],
)
def test_a_body_becomes_text(body: Any, message: str) -> None:  # noqa: ANN401 - any JSON value
    assert row(body).message == message


@pytest.mark.parametrize("body", ["x" * 70_000, ["x" * 60_000] * 2])
def test_a_long_body_is_cut(body: Any) -> None:  # noqa: ANN401 - any JSON value
    message = row(body).message
    assert len(message) == 65_536
    assert "... [cut from " in message


def test_a_record_without_a_body_says_its_exception() -> None:
    exception = {"exception.type": "TimeoutError", "exception.message": "after 30 s"}
    found = row(None, exception)
    assert (found.message, found.context) == ("after 30 s", exception)


def test_without_a_time_it_is_when_it_was_observed() -> None:
    assert row(time_unix_nano=0, observed_time_unix_nano=START).timestamp == moment(START, "")
    assert row(time_unix_nano=0).timestamp is None


def test_malformed_ids_leave_the_record_without_a_trace() -> None:
    found = row(trace_id=b"short", span_id=bytes(8))
    assert (found.trace_id, found.span_id) == ("", "")


def test_an_attribute_marks_governance_events() -> None:
    assert row("m", {"promethios.governance_event": True}).governance_event
    assert not row("m", {"promethios.governance_event": "true"}).governance_event


def test_a_record_without_attributes_has_no_context() -> None:
    assert row().context is None


def test_a_record_that_cannot_be_kept_is_refused_alone() -> None:
    found, partial = rows_of(logs(record("good"), record(time_unix_nano=2**64 - 1), record("good")))
    assert [cast("LogRow", kept).message for kept in found[Kind.LOG]] == ["good", "good"]
    assert partial is not None
    assert partial.message.startswith("refused 1 log records: 1: time_unix_nano: the year must be")
