"""Service levels: how reliably and how fast agents' calls went."""

from pydantic import BaseModel, Field

from query_api.resources.values import Id, Moment, Parameters, TimeRange


class SloParameters(TimeRange, Parameters):
    """Whose calls, in which time (the last 30 days if nothing is said), and what they are measured by."""

    agent: Id | None = Field(default=None, description="of this agent only")
    objective: float = Field(default=0.99, gt=0, lt=1, description="the share of calls that should succeed")
    limit: int = Field(default=100, ge=1, le=1000, description="agents at most, those with most failures")


class ServiceLevel(BaseModel):
    """Calls of tools and models that said whether they succeeded; latencies of those that said how long.

    `error_budget_left` is the share of the failures that the objective allows which are still to be had: 1
    without a failure, below 0 where there were more. Shares are null without calls.
    """

    calls: int
    failures: int
    success_rate: float | None
    error_budget_left: float | None
    meets_objective: bool | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None


class AgentServiceLevel(ServiceLevel):
    """That of an agent."""

    agent_id: str


class SloReport(BaseModel):
    """That of all agents together, and of each, the one with most failures first."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    objective: float
    total: ServiceLevel
    agents: list[AgentServiceLevel]
    truncated: bool
