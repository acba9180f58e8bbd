"""What kind of step a span is and what it used, by every convention's names."""

from typing import Any

import pytest

from ingest_gateway.otlp.genai import (
    CONVERSATION,
    MODEL,
    PROVIDER,
    RUN,
    TOOL,
    Usage,
    count_of,
    step_of,
    text_of,
    usage_of,
)
from schemas.messages.event import EventType

TOOL_CALL, MODEL_CALL, SPAN = EventType.TOOL_CALL, EventType.MODEL_CALL, EventType.SPAN

# As the instrumentations of OpenTelemetry, OpenInference and Traceloop for OpenAI sent them in November 2026.
CURRENT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.response.model": "gpt-5-2026",
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 30,
    "gen_ai.usage.cache_read.input_tokens": 100,
    "gen_ai.usage.reasoning.output_tokens": 7,
}
OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.system": "openai",
    "llm.model_name": "gpt-5-2026",
    "llm.token_count.total": 150,
    "llm.token_count.prompt": 120,
    "llm.token_count.completion": 30,
    "llm.token_count.prompt_details.cache_read": 100,
    "llm.token_count.completion_details.reasoning": 7,
}
TRACELOOP = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.response.model": "gpt-5-2026",
    "gen_ai.usage.total_tokens": 150,
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 30,
    "gen_ai.usage.cache_read.input_tokens": 100,
    "gen_ai.usage.reasoning_tokens": 7,
}
BEFORE = {
    "gen_ai.system": "openai",
    "llm.request.type": "chat",
    "gen_ai.request.model": "gpt-5-2026",
    "gen_ai.usage.prompt_tokens": 120,
    "gen_ai.usage.completion_tokens": 30,
    "gen_ai.usage.cache_read_input_tokens": 100,
    "llm.usage.total_tokens": 150,
    "llm.usage.reasoning_tokens": 7,
}


@pytest.mark.parametrize("attributes", [CURRENT, OPENINFERENCE, TRACELOOP, BEFORE])
def test_every_convention_says_the_same(attributes: dict[str, Any]) -> None:
    assert step_of(attributes) is MODEL_CALL
    assert text_of(attributes, PROVIDER) == "openai"
    assert text_of(attributes, MODEL) == "gpt-5-2026"
    assert usage_of(attributes) == Usage(120, 30, 100, None, 7, 150)


@pytest.mark.parametrize(
    ("attributes", "step"),
    [
        ({"gen_ai.operation.name": "text_completion"}, MODEL_CALL),
        ({"gen_ai.operation.name": "generate_content"}, MODEL_CALL),
        ({"gen_ai.operation.name": "embeddings"}, MODEL_CALL),
        ({"gen_ai.operation.name": "execute_tool"}, TOOL_CALL),
        ({"gen_ai.operation.name": "invoke_agent"}, RUN),
        ({"gen_ai.operation.name": "invoke_workflow"}, RUN),
        ({"gen_ai.operation.name": "create_agent"}, RUN),
        (
            {"gen_ai.operation.name": "plan", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 1},
            SPAN,
        ),
        ({"gen_ai.operation.name": 5}, SPAN),
        ({"gen_ai.request.model": "m", "gen_ai.usage.prompt_tokens": 1}, MODEL_CALL),
        ({"gen_ai.request.model": "m"}, SPAN),
        ({"openinference.span.kind": "TOOL"}, TOOL_CALL),
        ({"openinference.span.kind": "AGENT"}, RUN),
        ({"openinference.span.kind": "CHAIN", "llm.model_name": "m", "llm.token_count.prompt": 1}, SPAN),
        ({"traceloop.span.kind": "workflow"}, RUN),
        ({"traceloop.span.kind": "tool"}, TOOL_CALL),
        ({"traceloop.span.kind": "task", "llm.request.type": "completion"}, MODEL_CALL),
        ({"http.request.method": "GET"}, SPAN),
        ({}, SPAN),
    ],
)
def test_the_kind_of_step(attributes: dict[str, Any], step: EventType) -> None:
    assert step_of(attributes) is step


def test_the_current_name_counts_before_an_older_one() -> None:
    both = {"gen_ai.usage.prompt_tokens": 1, "gen_ai.usage.input_tokens": 2, "gen_ai.system": "old"}
    assert usage_of(both).input == 2
    assert text_of(both | {"gen_ai.provider.name": "new"}, PROVIDER) == "new"


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (3, 3),
        (3.0, 3),
        (0, 0),
        (3.5, None),
        (-1, None),
        ("3", None),
        (True, None),
        (2**63, None),
        (None, None),
    ],
)
def test_a_count_is_a_whole_number(value: Any, count: int | None) -> None:  # noqa: ANN401 - any JSON value
    assert count_of({"n": value}, ("absent", "n")) == count


def test_a_text_is_a_text_of_bounded_length() -> None:
    assert text_of({"tool.name": 5, "traceloop.entity.name": "search"}, TOOL) == "search"
    assert len(text_of({"session.id": "s" * 1000}, CONVERSATION)) == 256
    assert text_of({}, TOOL) == ""


def test_without_tokens_there_is_no_total() -> None:
    assert usage_of({}) == Usage(None, None, None, None, None, None)
    assert usage_of({"gen_ai.usage.output_tokens": 4}).total == 4
