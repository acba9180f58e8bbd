"""The rules that every tenant has from the start, until it changes them or switches them off."""

from alert_engine.compiled import CompiledRule, compile_rule
from schemas.alert_rules import AlertRuleTerms, Deviation, Escalation, Metric, Threshold
from schemas.messages.values import Severity

DEFAULT_VERSION = 0

DEFAULT_TERMS: dict[str, AlertRuleTerms] = {
    "agent_offline": AlertRuleTerms(
        Metric.OFFLINE, Threshold(1), "three heartbeats missed, by the agent's own interval"
    ),
    "budget_share": AlertRuleTerms(
        Metric.BUDGET_SHARE,
        Threshold(0.8, escalations=(Escalation(1.0, Severity.HIGH),)),
        "most of what a policy lets the agent spend on a day is spent",
    ),
    "cost_spike": AlertRuleTerms(
        Metric.SPEND,
        Deviation(least_value=1.0),
        "spends far more in an hour than is usual for the agent",
        window_seconds=3600,
        cool_down_seconds=3600,
        currency="USD",
    ),
    "critical_violation": AlertRuleTerms(
        Metric.CRITICAL_VIOLATIONS,
        Threshold(1),
        "a violation of critical severity, reported or detected",
        window_seconds=600,
        severity=Severity.CRITICAL,
    ),
    "denied_call_burst": AlertRuleTerms(
        Metric.DENIED_CALLS,
        Threshold(5),
        "goes on trying what it may not do",
        cool_down_seconds=300,
        severity=Severity.HIGH,
    ),
    "error_rate": AlertRuleTerms(
        Metric.ERROR_RATE,
        Threshold(0.5),
        "at least half of what the agent does fails",
        for_seconds=60,
        cool_down_seconds=300,
        severity=Severity.HIGH,
    ),
    "latency_p95": AlertRuleTerms(
        Metric.LATENCY_P95,
        Threshold(60_000),
        "one call in twenty takes a minute or longer",
        window_seconds=600,
        cool_down_seconds=600,
        least_events=20,
    ),
    "log_error_burst": AlertRuleTerms(
        Metric.LOG_ERRORS, Threshold(20), "many errors in the agent's logs", cool_down_seconds=300
    ),
    "token_spike": AlertRuleTerms(
        Metric.TOKENS,
        Deviation(least_value=10_000),
        "uses far more tokens in an hour than is usual for the agent",
        window_seconds=3600,
        cool_down_seconds=3600,
    ),
    "trust_drop": AlertRuleTerms(
        Metric.TRUST_LEVELS_LOST,
        Threshold(1, escalations=(Escalation(2, Severity.HIGH), Escalation(3, Severity.CRITICAL))),
        "trust fell to watch or below, from a better level",
    ),
    "violation_burst": AlertRuleTerms(
        Metric.VIOLATIONS,
        Threshold(5),
        "many violations of policy, reported or detected",
        cool_down_seconds=300,
        severity=Severity.HIGH,
    ),
}

DEFAULT_RULES: dict[str, CompiledRule] = {
    rule_id: compile_rule(rule_id, DEFAULT_VERSION, terms) for rule_id, terms in DEFAULT_TERMS.items()
}
