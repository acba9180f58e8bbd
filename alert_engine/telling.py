"""What is said of a change of an alert, in one line for people."""

from alert_engine.compiled import CompiledRule
from alert_engine.looking import Occurrence
from schemas.alert_rules import (
    WINDOWED_METRICS,
    Absence,
    Deviation,
    Metric,
    Operator,
    Rate,
    ScopeKind,
    Threshold,
)

_NAMES = {
    Metric.LATENCY_P95: "95th percentile of latency",
    Metric.BUDGET_SHARE: "spent of the daily cost cap",
    Metric.TRUST_LEVELS_LOST: "levels of trust lost",
}
_SHARES = frozenset({Metric.ERROR_RATE, Metric.BUDGET_SHARE})


def summary_of(found: Occurrence) -> str:
    """The rule's metric, its value, and the limit that it was compared with."""
    rule = found.rule
    if rule is None:
        return "nothing is known of it any more: the rule or the agent is gone"
    if rule.terms.metric is Metric.OFFLINE:
        return _presence(found)
    over = "no longer: " if found.resolved else ""
    return over + _reading(rule, found)


def _presence(found: Occurrence) -> str:
    """Nothing is measured that could be shown: an agent is offline or it is not."""
    return "offline: no heartbeats for three of its intervals" if found.reading.value else "no longer offline"


def _reading(rule: CompiledRule, found: Occurrence) -> str:
    metric, condition = rule.terms.metric, rule.terms.condition
    name = _NAMES.get(metric, metric.value.replace("_", " "))
    together = rule.terms.scope.kind is ScopeKind.TOTAL
    if together:
        name += " of all agents together"
    value, limit = found.reading.value, found.reading.limit
    if isinstance(condition, Absence):
        return f"no {name} for {_span(rule)}"
    said = f"{name}: {'unknown' if value is None else _shown(rule, value)}"
    if metric in WINDOWED_METRICS:
        said += f" a minute over {_span(rule)}" if isinstance(condition, Rate) else f" in {_span(rule)}"
    if limit is None:
        return said
    most = isinstance(condition, Threshold) and condition.operator is Operator.AT_MOST
    usual = ", by what is usual" if isinstance(condition, Deviation) else ""
    if usual and not together:
        usual += " for the agent"
    return f"{said} (alert at {_shown(rule, limit)} or {'less' if most else 'more'}{usual})"


def _span(rule: CompiledRule) -> str:
    seconds = rule.terms.window_seconds
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _shown(rule: CompiledRule, value: float) -> str:
    """A value of the rule's metric, with its unit."""
    metric = rule.terms.metric
    if metric in _SHARES:
        return f"{_short(100 * value)} %"
    if metric is Metric.LATENCY_P95:
        return f"{_short(value)} ms"
    return f"{_short(value)} {rule.terms.currency}" if metric is Metric.SPEND else _short(value)


def _short(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.4g}"
