"""The examples with the stock OpenTelemetry SDK against a real stack: what they report is found by SQL."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import clickhouse_connect
import pytest

from tests.stack import RunningStack

pytestmark = pytest.mark.integration

EXAMPLES = Path(__file__).parents[2] / "examples" / "opentelemetry"
STORED_SECONDS = 180

Query = Callable[[str], list[tuple[Any, ...]]]


def run_example(name: str, endpoint: str, key: str) -> subprocess.CompletedProcess[str]:
    """Run an example as its users do: two variables say where to and with which key."""
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization={quote(f'Bearer {key}')}",
    }
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=STORED_SECONDS,
        check=False,
    )


def query_of(stack: RunningStack, agent_id: str, trace_id: str) -> Query:
    """Ask ClickHouse; `{agent}` and `{trace}` stand for the example's own."""
    client = clickhouse_connect.get_client(**stack.clickhouse)

    def query(sql: str) -> list[tuple[Any, ...]]:
        found = client.query(sql, parameters={"agent": agent_id, "trace": trace_id})
        return [tuple(row) for row in found.result_rows]

    return query


def wait_for(query: Query, table: str, rows: int) -> None:
    deadline = time.monotonic() + STORED_SECONDS
    sql = f"SELECT count() FROM {table} WHERE agent_id = {{agent:String}}"  # noqa: S608 - a constant
    while (found := query(sql)[0][0]) < rows:
        assert time.monotonic() < deadline, f"{table} has {found} rows of {rows}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def agent(stack: RunningStack) -> Query:
    """What the plain example reported, once all of it is stored."""
    key = stack.create_agents(["otel-agent"])["otel-agent"]
    ran = run_example("agent.py", stack.gateway, key)
    assert ran.returncode == 0, ran.stderr
    query = query_of(stack, "otel-agent", ran.stdout.strip())
    for table, rows in {"agent_events": 6, "cost_ledger": 4, "agent_logs": 2, "otel_metrics": 2}.items():
        wait_for(query, table, rows)
    return query


def test_a_run_is_a_tree_of_its_steps(agent: Query) -> None:
    steps = agent(
        """
        SELECT step.event_type, step.name, parent.name, step.success
        FROM agent_events AS step
        LEFT JOIN agent_events AS parent
            ON parent.agent_id = step.agent_id AND parent.span_id = step.parent_span_id
            AND parent.event_type = 'RunEnd'
        WHERE step.agent_id = {agent:String} AND step.run_id = {trace:String}
        ORDER BY step.timestamp, step.event_type DESC
        """
    )
    run = "invoke_agent travel-agent"
    assert steps == [
        ("RunStart", run, "", None),
        ("ModelCall", "chat gpt-5", run, True),
        ("ToolCall", "execute_tool search", run, True),
        ("ModelCall", "chat gpt-5", run, True),
        ("ToolCall", "execute_tool book", run, False),
        ("RunEnd", run, "", True),
    ]


def test_a_failed_tool_says_why(agent: Query) -> None:
    assert agent(
        """
        SELECT tool_name, error_type, message,
            JSONExtractString(span_events, 1, 'attributes', 'exception.type')
        FROM agent_events WHERE agent_id = {agent:String} AND NOT success
        """
    ) == [("book", "TimeoutError", "no answer within 5 s", "TimeoutError")]


def test_tokens_are_those_of_the_calls_and_charged_once(agent: Query) -> None:
    assert agent(
        """
        SELECT metric_type, sum(amount), sum(cache_read_tokens), sum(reasoning_tokens),
            any(model), any(project_id), any(cost_center)
        FROM cost_ledger WHERE agent_id = {agent:String} AND trace_id = {trace:String}
        GROUP BY metric_type ORDER BY metric_type
        """
    ) == [
        ("tokens_in", 2100, 1600, None, "gpt-5-2026-08", "bookings", "cc-42"),
        ("tokens_out", 260, None, 120, "gpt-5-2026-08", "bookings", "cc-42"),
    ]
    assert agent(
        """
        SELECT sum(input_tokens), sum(output_tokens), any(conversation_id), any(service_name)
        FROM agent_events WHERE agent_id = {agent:String} AND event_type = 'ModelCall'
        """
    ) == [(2100, 260, "conversation-5", "travel-agent")]


def test_logs_belong_to_the_trace(agent: Query) -> None:
    assert agent(
        """
        SELECT level, message, severity_number, trace_id = {trace:String}, service_name,
            JSONExtractString(context, 'exception.type'), JSONExtractInt(context, 'attempt')
        FROM agent_logs WHERE agent_id = {agent:String} ORDER BY timestamp
        """
    ) == [
        ("info", "planning a journey", 9, True, "travel-agent", "", 0),
        ("error", "booking failed", 17, True, "travel-agent", "TimeoutError", 2),
    ]


def test_metric_points_are_rows(agent: Query) -> None:
    assert agent(
        """
        SELECT metric_name, metric_type, unit, attributes['gen_ai.token.type'], count, sum,
            arraySum(bucket_counts), resource_attributes['service.version']
        FROM otel_metrics WHERE agent_id = {agent:String} ORDER BY 4
        """
    ) == [
        ("gen_ai.client.token.usage", "histogram", "{token}", "input", 2, 2100, 2, "1.4.2"),
        ("gen_ai.client.token.usage", "histogram", "{token}", "output", 2, 260, 2, "1.4.2"),
    ]


def test_an_instrumentation_library_needs_no_more(stack: RunningStack) -> None:
    key = stack.create_agents(["otel-instrumented"])["otel-instrumented"]
    ran = run_example("instrumented.py", stack.gateway, key)
    assert ran.returncode == 0, ran.stderr
    query = query_of(stack, "otel-instrumented", ran.stdout.strip())
    wait_for(query, "agent_events", 3)
    wait_for(query, "cost_ledger", 2)
    wait_for(query, "otel_metrics", 3)
    assert query(
        """
        SELECT name, provider, model, input_tokens, output_tokens, cache_read_tokens, reasoning_tokens
        FROM agent_events WHERE run_id = {trace:String} AND event_type = 'ModelCall'
        """
    ) == [("chat gpt-5", "openai", "gpt-5-2026-08", 120, 30, 100, 7)]
    assert query("SELECT sum(amount) FROM cost_ledger WHERE run_id = {trace:String}") == [(150,)]


def test_a_wrong_key_is_said_aloud(stack: RunningStack) -> None:
    key = stack.create_agents(["otel-refused"])["otel-refused"]
    ran = run_example("agent.py", stack.gateway, f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}")
    for signal in ("spans", "logs", "metrics"):
        assert f"Failed to export {signal} batch code: 401, reason: Unauthorized" in ran.stderr
