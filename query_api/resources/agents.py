"""Agents as they are created, listed and shown."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from query_api.agent_ranking import AgentOrder, AgentSearch
from query_api.resources.labels import Labels
from query_api.resources.status import StatusName, SuspensionDetails
from query_api.resources.values import Id, Moment, PageParameters
from schemas.derived import TrustLevel

_LABEL = r"^[A-Za-z][A-Za-z0-9._/-]{0,62}:[A-Za-z0-9._/-]{1,128}$"


class NewAgent(BaseModel):
    """An agent to be created; its first key may do everything that agents do."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"agent_id": "scout-1"}]})

    agent_id: Id
    labels: Labels = {}


class AgentChange(BaseModel):
    """What is to change of an agent; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"labels": {"team": "payments"}}]}
    )

    # By a factory, because a default in the schema would promise that it takes the place of what stands.
    labels: Labels = Field(default_factory=dict, description="in the place of all labels that the agent has")


class SuspensionWish(BaseModel):
    """Why an agent is suspended, for whoever looks at it next."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "sends mail to customers: INC-4711"}]}
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class CreatedAgent(BaseModel):
    """A new agent with its first key, whose text is shown here and never again."""

    agent_id: str
    tenant_id: str
    governance_id: str = Field(examples=["gov-5d0e7d5c-52a6-4a0e-a1b6-0a9d3a3f1f6e"])
    api_key: str = Field(examples=["promethios_scout-1_3Zk…"])


class AgentParameters(PageParameters):
    """Which agents, and in which order; `status` and `level` may be given several times."""

    q: str = Field(default="", max_length=128, description="a part of the id, in any case")
    status: list[StatusName] = Field(default=[], description="any of these")
    level: list[TrustLevel] = Field(default=[], description="any of these levels of trust")
    label: list[Annotated[str, Field(pattern=_LABEL)]] = Field(
        default=[],
        max_length=32,
        description="`name:value`; agents that have all of them",
        examples=[["team:payments"]],
    )
    sort: AgentOrder = Field(
        default=AgentOrder.ID, description="`trust` has the lowest first; agents without a score come last"
    )

    @property
    def search(self) -> AgentSearch:
        """The same, to choose by."""
        return AgentSearch(
            text=self.q,
            labels=tuple(label.split(":", 1) for label in self.label),
            statuses=frozenset(self.status),
            levels=frozenset(self.level),
            order=self.sort,
        )


class AgentSummary(BaseModel):
    """An agent as it stands; trust is null until there is a score.

    `status` is `suspended` as soon as an operator says so, else what was published last.
    """

    agent_id: str
    tenant_id: str
    governance_id: str
    created_at: Moment
    labels: dict[str, str]
    status: StatusName
    trust_score: float | None = Field(ge=0, le=100)
    trust_level: TrustLevel | None
    suspension: SuspensionDetails | None


class AgentPage(BaseModel):
    """A page of agents in their order."""

    agents: list[AgentSummary]
    next_cursor: str | None
