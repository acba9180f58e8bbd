"""What agents did: steps, and the runs that they belong to."""

from typing import Any

from pydantic import BaseModel, Field

from query_api.resources.values import Id, Moment, PreciseMoment, RangeParameters
from schemas.messages.event import EventType

_NAME = Field(default=None, min_length=1, max_length=256)


class EventParameters(RangeParameters):
    """Which steps; `type` may be given several times."""

    agent: Id | None = None
    type: list[EventType] = Field(default=[], description="any of these")
    run: str | None = _NAME
    tool: str | None = _NAME
    decision: str | None = _NAME
    success: bool | None = Field(default=None, description="what they say of themselves")


class RunParameters(RangeParameters):
    """Which runs: of these the steps within the time count, the last day's if nothing is said."""

    agent: Id | None = None


class Step(BaseModel):
    """One step; what it does not say is null. `id` names it in evidence, `event_id` is the agent's own."""

    id: str
    agent_id: str
    timestamp: PreciseMoment
    received_at: Moment
    type: EventType
    event_id: str | None
    run_id: str | None
    name: str | None
    tool_name: str | None
    action: str | None
    decision: str | None
    success: bool | None
    error_type: str | None
    message: str | None
    latency_ms: float | None
    provider: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    trace_id: str | None
    span_id: str | None
    parent_span_id: str | None
    attributes: dict[str, str]


class StepPage(BaseModel):
    """A page of steps, newest first."""

    events: list[Step]
    next_cursor: str | None


class RunSummary(BaseModel):
    """A run by its steps within the time; `succeeded` and `outcome` are null until it has said so."""

    agent_id: str
    run_id: str
    started_at: PreciseMoment
    last_step_at: PreciseMoment
    steps: int
    tool_calls: int
    model_calls: int
    failures: int
    ended: bool
    succeeded: bool | None
    outcome: str | None


class RunPage(BaseModel):
    """A page of runs, the one that started last first."""

    runs: list[RunSummary]
    next_cursor: str | None


class StepNode(Step):
    """A step with those within it, by the spans that they name."""

    children: list["StepNode"]


class Run(BaseModel):
    """A run as a tree, in the order of time; `truncated` where it has more steps than are shown."""

    agent_id: str
    run_id: str
    started_at: PreciseMoment
    last_step_at: PreciseMoment
    ended: bool
    succeeded: bool | None
    outcome: str | None
    steps: list[StepNode]
    truncated: bool


def step_fields(row: dict[str, Any], step_id: str) -> dict[str, Any]:
    """A row's values by the names of `Step`; empty texts are null."""
    found = {name: (None if value == "" else value) for name, value in row.items()}
    return {**found, "id": step_id, "type": row["event_type"]}
