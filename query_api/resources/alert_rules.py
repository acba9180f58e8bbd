"""Alert rules: what is alarming, about whom, and for how long."""

from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator

from query_api.resources.labels import Labels
from query_api.resources.policies import Currency
from query_api.resources.values import Id, Moment, Parameters, from_milliseconds
from schemas.alert_rules import (
    COUNTED_METRICS,
    LONGEST_WINDOW_SECONDS,
    SHORTEST_WINDOW_SECONDS,
    TOTAL_METRICS,
    WINDOWED_METRICS,
    Absence,
    AlertRule,
    AlertRuleTerms,
    Condition,
    Deviation,
    Escalation,
    Metric,
    Operator,
    Rate,
    Scope,
    ScopeKind,
    Threshold,
)
from schemas.messages.values import Severity
from schemas.policy import ANYTHING

_EXAMPLE: dict[str, Any] = {
    "description": "payment agents fail",
    "metric": "error_rate",
    "scope": {"agents": ["pay-*"], "labels": {"team": "payments"}},
    "window_seconds": 300,
    "condition": {"kind": "threshold", "value": 0.2, "escalations": [{"value": 0.5, "severity": "critical"}]},
    "for_seconds": 60,
    "cool_down_seconds": 600,
    "severity": "high",
}
_LONGEST_SECONDS = 24 * 60 * 60
# Of ids (ID_RULE), in which a `*` may stand anywhere.
IdPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9*][A-Za-z0-9._*-]{0,127}$")]
IdPatterns = Annotated[
    list[IdPattern],
    Field(min_length=1, max_length=1000, description="ids, `*` stands for any characters"),
]
Value = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EscalationBody(_Body):
    """From this value on the severity is another."""

    value: Value
    severity: Severity


class ThresholdBody(_Body):
    """Met while the metric is at least, or at most, a value."""

    kind: Literal["threshold"]
    value: Value
    operator: Operator = Operator.AT_LEAST
    escalations: list[EscalationBody] = Field(default=[], max_length=4, description="worse from there on")

    def condition(self) -> Condition:
        """The same, for a control record."""
        escalations = tuple(Escalation(one.value, one.severity) for one in self.escalations)
        return Threshold(self.value, self.operator, escalations)


class RateBody(_Body):
    """Met while something comes so often a minute, on average over the window."""

    kind: Literal["rate"]
    per_minute: Annotated[float, Field(gt=0, le=1e15, allow_inf_nan=False)]

    def condition(self) -> Condition:
        """The same, for a control record."""
        return Rate(self.per_minute)


class AbsenceBody(_Body):
    """Met when nothing has come for a window's length, from an agent that has reported such before."""

    kind: Literal["absence"]

    def condition(self) -> Condition:
        """The same, for a control record."""
        return Absence()


class DeviationBody(_Body):
    """Met while the metric lies so many standard deviations above what is usual for the agent itself."""

    kind: Literal["z_score"]
    deviations: float = Field(default=4.0, ge=1, le=100)
    least_windows: int = Field(default=12, ge=3, le=60, description="that have to be known before")
    least_value: Value = Field(default=0.0, description="below it is not met")

    def condition(self) -> Condition:
        """The same, for a control record."""
        return Deviation(self.deviations, self.least_windows, self.least_value)


AnyCondition = Annotated[ThresholdBody | RateBody | AbsenceBody | DeviationBody, Field(discriminator="kind")]


class ScopeBody(_Body):
    """Agents by their ids, that have all these labels; each is looked at by itself, or all together."""

    kind: ScopeKind = Field(
        default=ScopeKind.AGENT, description="`total`: what these agents do together, as one sum"
    )
    agents: IdPatterns = [ANYTHING]
    labels: Labels = {}


class AlertRuleBody(BaseModel):
    """What a rule says; durations in seconds of the log's clock."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    metric: Metric
    condition: AnyCondition
    description: str = Field(default="", max_length=1000)
    scope: ScopeBody = ScopeBody()
    window_seconds: int = Field(
        default=300,
        strict=True,
        ge=SHORTEST_WINDOW_SECONDS,
        le=LONGEST_WINDOW_SECONDS,
        multiple_of=60,
        description="of metrics that add up or are a share or a percentile",
    )
    for_seconds: int = Field(
        default=0, strict=True, ge=0, le=_LONGEST_SECONDS, description="how long it has to be met to fire"
    )
    cool_down_seconds: int = Field(
        default=0, strict=True, ge=0, le=_LONGEST_SECONDS, description="after which it may fire again"
    )
    severity: Severity = Severity.MEDIUM
    currency: Currency | Literal[""] = Field(default="", description="of the metric `spend`")
    least_events: int = Field(
        default=10, strict=True, ge=1, le=1_000_000, description="for shares and percentiles"
    )
    enabled: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        kind, metric = self.condition.kind, self.metric
        if self.scope.kind is ScopeKind.TOTAL and metric not in TOTAL_METRICS:
            raise ValueError(
                f"scope.kind: {metric} is each agent's own and does not add up; of many agents together "
                f"a rule may look at {', '.join(sorted(TOTAL_METRICS))}"
            )
        if kind in {"rate", "absence"} and metric not in COUNTED_METRICS:
            raise ValueError(
                f"condition: rate and absence are of what is counted, as events are; {metric} is not"
            )
        if kind == "z_score" and metric not in WINDOWED_METRICS:
            raise ValueError(f"condition: a z_score is of what comes in a window; {metric} is as it stands")
        if (metric is Metric.SPEND) != bool(self.currency):
            raise ValueError("currency: the metric spend needs one, and no other metric has one")
        return self

    def terms(self) -> AlertRuleTerms:
        """The same, for a control record."""
        scope = self.scope
        return AlertRuleTerms(
            metric=self.metric,
            condition=self.condition.condition(),
            description=self.description,
            scope=Scope(scope.kind, tuple(scope.agents), scope.labels),
            window_seconds=self.window_seconds,
            for_seconds=self.for_seconds,
            cool_down_seconds=self.cool_down_seconds,
            severity=self.severity,
            currency=self.currency,
            least_events=self.least_events,
            enabled=self.enabled,
        )


class NewAlertRule(AlertRuleBody):
    """A rule to be created, under an id of your choice, by which alerts are named."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"rule_id": "payments-fail", **_EXAMPLE}]}
    )

    rule_id: Id = Field(examples=["payments-fail"])


class TermsChange(Parameters):
    """Query parameters of a change."""

    version: int | None = Field(
        default=None, ge=0, description="the version that is to be changed; 409 when it is another by now"
    )


class AlertRuleDetails(AlertRuleBody):
    """A rule as it stands; operators are named by their ids. A default has version 0, and nobody made it."""

    rule_id: str = Field(examples=["payments-fail"])
    tenant_id: str
    is_default: bool = Field(description="there from the start; deleted, it is as it was then")
    version: int = Field(description="counts its changes from 1")
    created_at: Moment | None
    created_by: str | None
    changed_at: Moment | None
    changed_by: str | None


class AlertRuleList(BaseModel):
    """All rules of a tenant, by id, defaults too."""

    rules: list[AlertRuleDetails]


def details_of_rule(rule: AlertRule, *, is_default: bool) -> AlertRuleDetails:
    """What is shown of a control record, which was checked when it was written."""
    written = rule.version > 0
    return AlertRuleDetails.model_validate(
        {
            **msgspec.to_builtins(rule.terms),
            "rule_id": rule.rule_id,
            "tenant_id": rule.tenant_id,
            "is_default": is_default,
            "version": rule.version,
            "created_at": from_milliseconds(rule.created_at) if written else None,
            "created_by": rule.created_by if written else None,
            "changed_at": from_milliseconds(rule.changed_at) if written else None,
            "changed_by": rule.changed_by if written else None,
        }
    )
