"""Alert rules and silences, as operators write them and as they stand on their topics."""

from enum import StrEnum

import msgspec

from schemas.messages.values import Severity
from schemas.policy import ANYTHING

# A window is kept in so many parts, which are whole seconds of the log's clock.
WINDOW_PARTS = 12
SHORTEST_WINDOW_SECONDS = 60
LONGEST_WINDOW_SECONDS = 24 * 60 * 60


class Metric(StrEnum):
    """What a rule looks at."""

    EVENTS = "events"
    OUTCOMES = "outcomes"
    FAILURES = "failures"
    LOG_ERRORS = "log_errors"
    DENIED_CALLS = "denied_calls"
    VIOLATIONS = "violations"
    CRITICAL_VIOLATIONS = "critical_violations"
    TOKENS = "tokens"
    SPEND = "spend"
    ERROR_RATE = "error_rate"
    LATENCY_P95 = "latency_p95"
    TRUST_SCORE = "trust_score"
    TRUST_LEVEL = "trust_level"
    TRUST_LEVELS_LOST = "trust_levels_lost"
    OFFLINE = "offline"
    BUDGET_SHARE = "budget_share"


# What adds up over a window.
COUNTED_METRICS = frozenset(
    {
        Metric.EVENTS,
        Metric.OUTCOMES,
        Metric.FAILURES,
        Metric.LOG_ERRORS,
        Metric.DENIED_CALLS,
        Metric.VIOLATIONS,
        Metric.CRITICAL_VIOLATIONS,
        Metric.TOKENS,
        Metric.SPEND,
    }
)
# What is said of all calls in a window, and only of enough of them.
WINDOWED_METRICS = COUNTED_METRICS | {Metric.ERROR_RATE, Metric.LATENCY_P95}
# What many agents come to together.
TOTAL_METRICS = COUNTED_METRICS | {Metric.ERROR_RATE}


class Escalation(msgspec.Struct, frozen=True):
    """From `value` on the severity is another."""

    value: float
    severity: Severity


class Operator(StrEnum):
    """On which side of a value a threshold is met."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Threshold(msgspec.Struct, frozen=True, tag_field="kind", tag="threshold"):
    """Met while the metric is `operator` `value`; worse severities from where `escalations` say."""

    value: float
    operator: Operator = Operator.AT_LEAST
    escalations: tuple[Escalation, ...] = ()


class Rate(msgspec.Struct, frozen=True, tag_field="kind", tag="rate"):
    """Met while the metric comes at least so often a minute, on average over the window."""

    per_minute: float


class Absence(msgspec.Struct, frozen=True, tag_field="kind", tag="absence"):
    """Met when nothing has come for a window's length, from an agent that has reported before."""


class Deviation(msgspec.Struct, frozen=True, tag_field="kind", tag="z_score"):
    """Met while the metric lies so many of the agent's own standard deviations above its own mean.

    Mean and deviation are of windows before, of `least_windows` at least; below `least_value` it is not met.
    """

    deviations: float = 4.0
    least_windows: int = 12
    least_value: float = 0.0


Condition = Threshold | Rate | Absence | Deviation


class ScopeKind(StrEnum):
    """Whether each agent is looked at by itself, or what all of them do together."""

    AGENT = "agent"
    TOTAL = "total"


class Scope(msgspec.Struct, frozen=True):
    """Agents by their ids, in which `*` stands for any characters, that have all these labels."""

    kind: ScopeKind = ScopeKind.AGENT
    agents: tuple[str, ...] = (ANYTHING,)
    labels: dict[str, str] = {}


class AlertRuleTerms(msgspec.Struct, frozen=True):
    """What a rule says; durations in seconds.

    `currency` is that of money. Of shares and percentiles nothing is said of fewer than `least_events`.
    """

    metric: Metric
    condition: Condition
    description: str = ""
    scope: Scope = Scope()
    window_seconds: int = 300
    for_seconds: int = 0
    cool_down_seconds: int = 0
    severity: Severity = Severity.MEDIUM
    currency: str = ""
    least_events: int = 10
    enabled: bool = True


class AlertRule(msgspec.Struct, frozen=True):
    """A tenant's rule; `version` counts its changes from 1, also beyond a deletion.

    Times in milliseconds; `created_by` and `changed_by` are operators' ids. Where one is deleted that has the
    name of a default, the default is in force.
    """

    tenant_id: str
    rule_id: str
    version: int
    terms: AlertRuleTerms
    created_at: int
    created_by: str
    changed_at: int
    changed_by: str
    deleted: bool = False


class SilenceTerms(msgspec.Struct, frozen=True):
    """Alerts of these rules and agents, with all these labels, tell nobody from `starts_at` to `ends_at`.

    Times in milliseconds. In ids `*` stands for any characters.
    """

    starts_at: int
    ends_at: int
    comment: str = ""
    rules: tuple[str, ...] = (ANYTHING,)
    agents: tuple[str, ...] = (ANYTHING,)
    labels: dict[str, str] = {}


class AlertSilence(msgspec.Struct, frozen=True):
    """A tenant's silence; its other fields are as those of a rule."""

    tenant_id: str
    silence_id: str
    version: int
    terms: SilenceTerms
    created_at: int
    created_by: str
    changed_at: int
    changed_by: str
    deleted: bool = False
