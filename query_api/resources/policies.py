"""Policies: what agents may do."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from policy_engine.names import Names
from query_api.resources.values import Id, Moment, Parameters, from_milliseconds
from schemas.messages.cost import DECIMALS, MAX_AMOUNT, decimal_text
from schemas.messages.values import Severity
from schemas.policy import (
    ANYTHING,
    HIGHEST_TIER,
    TRUSTED_TIER,
    CostCap,
    HighRiskAction,
    Policy,
    PolicyRule,
    PolicyTerms,
    ToolConstraint,
)

_LONGEST_NAME = 256
_MOST_NAMES = 1000
# Of ids (ID_RULE), in which a `*` may stand anywhere.
_AGENTS_PATTERN = r"^[A-Za-z0-9*][A-Za-z0-9._*-]{0,127}$"
_EXAMPLE: dict[str, Any] = {
    "description": "what build agents may do",
    "agents": ["build-*"],
    "allowed_tools": ["github", "search"],
    "constraints": {"github": {"actions": ["create_pr", "delete_branch"]}},
    "daily_cost_cap": {"amount": "25.00", "currency": "USD"},
    "autonomy_tier": 2,
    "high_risk_actions": [{"tool": "github", "action": "delete_*"}],
    "severities": {"daily_cost_cap": "high"},
}


Name = Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME)]
NameList = Annotated[
    list[Name], Field(max_length=_MOST_NAMES, description="case counts, `*` stands for any characters")
]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="three letters of ISO 4217")]
Amount = Annotated[
    Decimal,
    Field(ge=0, le=MAX_AMOUNT, decimal_places=DECIMALS, examples=["25.00"]),
    # 0E+999999 is a zero whose text has a million digits.
    AfterValidator(lambda amount: Decimal(decimal_text(amount, "amount"))),
]


class Money(BaseModel):
    """An amount in a currency."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Currency


class Constraint(BaseModel):
    """What a tool may be used for; a call that names no action is refused unless `*` is among them."""

    model_config = ConfigDict(extra="forbid")

    actions: NameList = Field(min_length=1)


class RiskyAction(BaseModel):
    """Actions of tools, by their names; `*`, which stands for any characters, where one is left out."""

    model_config = ConfigDict(extra="forbid")

    tool: Name = ANYTHING
    action: Name = ANYTHING


class PolicyBody(BaseModel):
    """What a policy says; what is left out allows everything."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    description: str = Field(default="", max_length=1000)
    agents: list[Annotated[str, Field(pattern=_AGENTS_PATTERN)]] = Field(
        default=[ANYTHING],
        min_length=1,
        max_length=_MOST_NAMES,
        description="for whom it is: ids, `*` stands for any characters",
    )
    allowed_tools: NameList | None = Field(default=None, description="null allows every tool, [] none")
    constraints: dict[Name, Constraint] = Field(
        default={}, max_length=_MOST_NAMES, description="by the names of tools, which have to be allowed"
    )
    daily_cost_cap: Money | None = Field(default=None, description="for each agent, on a day of UTC")
    autonomy_tier: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=HIGHEST_TIER,
        description=f"below {TRUSTED_TIER} a high-risk action needs approval",
    )
    high_risk_actions: list[RiskyAction] = Field(default=[], max_length=_MOST_NAMES)
    severities: dict[PolicyRule, Severity] = Field(
        default={}, description="of violations, where they are not to be the default"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.allowed_tools is not None:
            allowed = Names(self.allowed_tools)
            for tool in self.constraints:
                if tool not in allowed:
                    raise ValueError(f"constraints: the tool {tool!r} is not among the allowed tools")
        return self

    def terms(self) -> PolicyTerms:
        """The same, for a control record."""
        cap, allowed = self.daily_cost_cap, self.allowed_tools
        return PolicyTerms(
            description=self.description,
            agents=tuple(self.agents),
            allowed_tools=None if allowed is None else tuple(allowed),
            constraints={tool: ToolConstraint(tuple(c.actions)) for tool, c in self.constraints.items()},
            daily_cost_cap=None if cap is None else CostCap(cap.amount, cap.currency),
            autonomy_tier=self.autonomy_tier,
            high_risk_actions=tuple(
                HighRiskAction(risk.tool, risk.action) for risk in self.high_risk_actions
            ),
            severities=self.severities,
        )


class NewPolicy(PolicyBody):
    """A policy to be created, under an id of your choice."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"policy_id": "build-agents", **_EXAMPLE}]}
    )

    policy_id: Id = Field(examples=["build-agents"])


class PolicyChange(Parameters):
    """Query parameters of a change."""

    version: int | None = Field(
        default=None, ge=1, description="the version that is to be changed; 409 when it is another by now"
    )


class PolicyDetails(PolicyBody):
    """A policy as it stands; operators are named by their ids."""

    policy_id: str = Field(examples=["build-agents"])
    tenant_id: str
    version: int = Field(description="counts its changes from 1")
    created_at: Moment
    created_by: str
    changed_at: Moment
    changed_by: str


class PolicyList(BaseModel):
    """All policies of a tenant, by id."""

    policies: list[PolicyDetails]


def details_of(policy: Policy) -> PolicyDetails:
    """What is shown of a control record, which was checked when it was written."""
    return PolicyDetails.model_construct(
        **_fields(policy.terms),
        policy_id=policy.policy_id,
        tenant_id=policy.tenant_id,
        version=policy.version,
        created_at=from_milliseconds(policy.created_at),
        created_by=policy.created_by,
        changed_at=from_milliseconds(policy.changed_at),
        changed_by=policy.changed_by,
    )


def _fields(terms: PolicyTerms) -> dict[str, Any]:
    cap, allowed = terms.daily_cost_cap, terms.allowed_tools
    return {
        "description": terms.description,
        "agents": list(terms.agents),
        "allowed_tools": None if allowed is None else list(allowed),
        "constraints": {
            tool: Constraint.model_construct(actions=list(c.actions)) for tool, c in terms.constraints.items()
        },
        "daily_cost_cap": cap and Money.model_construct(amount=cap.amount, currency=cap.currency),
        "autonomy_tier": terms.autonomy_tier,
        "high_risk_actions": [
            RiskyAction.model_construct(tool=risk.tool, action=risk.action)
            for risk in terms.high_risk_actions
        ],
        "severities": terms.severities,
    }
