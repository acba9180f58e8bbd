"""What a span's attributes say of a model or tool call, by every name that is in use; pure.

Current names first: github.com/open-telemetry/semantic-conventions-genai, docs/registry/attributes/gen-ai.md.
Then those that were there before, and the own ones of OpenInference and Traceloop. Where several are set, the
first counts.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ingest_gateway.otlp.attributes import MAX_NAME, Attributes, cut
from schemas.messages.event import EventType

OPERATION = "gen_ai.operation.name"
PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system")
MODEL = (
    "gen_ai.response.model",
    "gen_ai.request.model",
    "llm.response.model_name",
    "llm.model_name",
    "llm.request.model_name",
    "embedding.model_name",
)
TOOL = ("gen_ai.tool.name", "tool.name", "tool_call.function.name", "traceloop.entity.name")
CONVERSATION = ("gen_ai.conversation.id", "session.id", "traceloop.association.properties.session_id")

_INPUT_TOKENS = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
_OUTPUT_TOKENS = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
)
_CACHE_READ_TOKENS = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
)
_CACHE_CREATION_TOKENS = (
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
)
_REASONING_TOKENS = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
)
_TOTAL_TOKENS = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total")

# A run has no event type of its own, but a start and an end.
RUN = EventType.RUN_START

_STEPS = {
    OPERATION: {
        "chat": EventType.MODEL_CALL,
        "text_completion": EventType.MODEL_CALL,
        "generate_content": EventType.MODEL_CALL,
        "embeddings": EventType.MODEL_CALL,
        "execute_tool": EventType.TOOL_CALL,
        "invoke_agent": RUN,
        "invoke_workflow": RUN,
        "create_agent": RUN,
    },
    "openinference.span.kind": {
        "LLM": EventType.MODEL_CALL,
        "EMBEDDING": EventType.MODEL_CALL,
        "TOOL": EventType.TOOL_CALL,
        "AGENT": RUN,
    },
    "traceloop.span.kind": {"tool": EventType.TOOL_CALL, "agent": RUN, "workflow": RUN},
    "llm.request.type": {
        "chat": EventType.MODEL_CALL,
        "completion": EventType.MODEL_CALL,
        "embedding": EventType.MODEL_CALL,
    },
}
_MOST_TOKENS = 2**63 - 1
_NAMES = frozenset((*_STEPS, *PROVIDER, *MODEL, *TOOL, *CONVERSATION, *_INPUT_TOKENS, *_OUTPUT_TOKENS))


class Usage(NamedTuple):
    """Tokens of a model call: input includes both cache counts, output includes reasoning."""

    input: int | None
    output: int | None
    cache_read: int | None
    cache_creation: int | None
    reasoning: int | None
    total: int | None


def says_something(attributes: Attributes) -> bool:
    """Whether there is anything of what is asked here: most spans are of other things than agents."""
    return not _NAMES.isdisjoint(attributes)


def step_of(attributes: Attributes) -> EventType:
    """What kind of step a span is; RUN for a whole run of an agent, SPAN for what is no step of an agent.

    A span that names a convention's kind is taken at its word. One that names none is a model call when it
    names a model and counts tokens, as instrumentations did before there were kinds.
    """
    is_named = False
    for name, steps in _STEPS.items():
        kind = attributes.get(name)
        if kind is not None:
            is_named = True
            step = steps.get(kind) if isinstance(kind, str) else None
            if step is not None:
                return step
    if not is_named and text_of(attributes, MODEL) and count_of(attributes, _INPUT_TOKENS) is not None:
        return EventType.MODEL_CALL
    return EventType.SPAN


def usage_of(attributes: Attributes) -> Usage:
    """The token counts; a total that is not given is the sum of input and output."""
    taken = count_of(attributes, _INPUT_TOKENS)
    given = count_of(attributes, _OUTPUT_TOKENS)
    total = count_of(attributes, _TOTAL_TOKENS)
    if total is None and (taken is not None or given is not None):
        total = min((taken or 0) + (given or 0), _MOST_TOKENS)
    return Usage(
        taken,
        given,
        count_of(attributes, _CACHE_READ_TOKENS),
        count_of(attributes, _CACHE_CREATION_TOKENS),
        count_of(attributes, _REASONING_TOKENS),
        total,
    )


def text_of(attributes: Attributes, names: Sequence[str]) -> str:
    """The first of these that is a text, at most MAX_NAME characters of it; empty without one."""
    for name in names:
        value = attributes.get(name)
        if value and isinstance(value, str):
            return cut(value, MAX_NAME)
    return ""


def count_of(attributes: Attributes, names: Sequence[str]) -> int | None:
    """The first of these that is a whole number from 0 on, also where it was sent as a double."""
    for name in names:
        value = attributes.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
            return value
    return None
