"""What is counted of an agent, and which of it each metric is made of."""

from schemas.alert_rules import Metric

# Places in a tally. Plain numbers, because they are used for each request.
EVENTS, OUTCOMES, FAILURES, LOG_ERRORS, DENIED, VIOLATIONS, CRITICALS, TOKENS = range(8)
COUNTERS = 8

# Beside counters, what evidence is kept of.
SLOW, MONEY = range(COUNTERS, COUNTERS + 2)

# Places of the metrics that are one counter's sum.
COUNTER_OF = {
    Metric.EVENTS: EVENTS,
    Metric.OUTCOMES: OUTCOMES,
    Metric.FAILURES: FAILURES,
    Metric.LOG_ERRORS: LOG_ERRORS,
    Metric.DENIED_CALLS: DENIED,
    Metric.VIOLATIONS: VIOLATIONS,
    Metric.CRITICAL_VIOLATIONS: CRITICALS,
    Metric.TOKENS: TOKENS,
}

# What the evidence of a metric is kept under; of all others none is kept.
EVIDENCE_OF = {
    **COUNTER_OF,
    Metric.ERROR_RATE: FAILURES,
    Metric.LATENCY_P95: SLOW,
    Metric.SPEND: MONEY,
    Metric.BUDGET_SHARE: MONEY,
}

# The names of their series, by place.
NAMES = tuple(metric.value for metric in COUNTER_OF)

# Money is counted in millionths.
MONEY_UNITS = 1_000_000


def money_name(currency: str) -> str:
    """The name of the series of money in a currency."""
    return f"{Metric.SPEND}/{currency}"
