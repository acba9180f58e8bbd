"""Hypothesis strategies: logs of any shape, with clocks that jump, repeats, silence and every kind of row."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from hypothesis import settings
from hypothesis import strategies as st

from schemas.alert_rules import (
    Absence,
    AlertRuleTerms,
    Deviation,
    Metric,
    Operator,
    Rate,
    Scope,
    ScopeKind,
    SilenceTerms,
    Threshold,
)
from schemas.budgets import BudgetPeriod, BudgetScope, BudgetTerms
from schemas.messages.values import Severity
from schemas.policy import CostCap, HighRiskAction, PolicyRule, PolicyTerms, ToolConstraint
from schemas.totals_block import AnyTotalsRow, CountsRow, TotalsRow
from schemas.trust_model import LevelParameters, OutcomeParameters, TrustParameters
from stream_processors.rules.partition import Record
from stream_processors.rules.tenant_totals import number_of
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Log,
    Request,
    cost,
    decision,
    event,
    heartbeat,
    log,
    metrics,
    violation,
)

AGENTS = ("a", "b", "c")

# A whole log is a dear example: half as many as the profile has for the tests of single rules.
EXAMPLES = settings().max_examples // 2

# A clock that stands still, creeps, steps back, and leaps over every deadline.
GAPS = st.sampled_from(
    [
        0,
        1,
        250,
        SECOND,
        SECOND,
        5 * SECOND,
        20 * SECOND,
        MINUTE,
        11 * MINUTE,
        7 * HOUR,
        DAY,
        8 * DAY,
        -SECOND,
        -HOUR,
    ]
)
SEVERITIES = st.sampled_from(["low", "medium", "high", "critical"])
EVENTS = st.builds(
    event,
    st.sampled_from(["ToolCall", "ToolCall", "ToolCall", "ModelCall", "Outcome", "Error", "RunEnd", "Span"]),
    st.sampled_from([True, True, False, None]),
    tool_name=st.sampled_from(["", "search", "mail"]),
    action=st.sampled_from(["", "send", "read"]),
    span_id=st.sampled_from(["", "s1", "s2"]),
    run_id=st.sampled_from(["", "r1"]),
    latency_ms=st.one_of(st.none(), st.floats(0, 1e9)),
    error_type=st.sampled_from(["", "", "timeout"]),
) | st.builds(decision, st.sampled_from(["ALLOW", "deny", "ask"]))
MODELS = st.sampled_from(
    [
        TrustParameters(),
        TrustParameters(outcomes=OutcomeParameters(fast_half_life_minutes=1, class_half_life_minutes=60)),
        TrustParameters(levels=LevelParameters(dwell_minutes=1), forget_after_days=1),
    ]
)
CONDITIONS = st.one_of(
    st.builds(Threshold, st.sampled_from([0.0, 1.0, 3.0]), st.sampled_from(Operator)),
    st.builds(Rate, st.sampled_from([0.2, 1.0])),
    st.just(Absence()),
    st.builds(Deviation, st.just(1.0), st.just(3)),
)
LABELS = st.sampled_from([{}, {"team": "x"}, {"team": "y"}])
RULES = st.builds(
    AlertRuleTerms,
    metric=st.sampled_from(
        [Metric.EVENTS, Metric.FAILURES, Metric.LOG_ERRORS, Metric.VIOLATIONS, Metric.TOKENS]
    ),
    condition=CONDITIONS,
    scope=st.builds(
        Scope, st.sampled_from(ScopeKind), agents=st.sampled_from([("*",), ("a",)]), labels=LABELS
    ),
    window_seconds=st.sampled_from([60, 300, 3600]),
    for_seconds=st.sampled_from([0, 0, 40]),
    cool_down_seconds=st.sampled_from([0, 600]),
    severity=st.sampled_from(Severity),
    enabled=st.sampled_from([True, True, False]),
) | st.builds(
    AlertRuleTerms,
    metric=st.sampled_from([Metric.TRUST_LEVEL, Metric.OFFLINE, Metric.BUDGET_SHARE, Metric.LATENCY_P95]),
    condition=st.builds(Threshold, st.sampled_from([0.5, 1.0, 200.0])),
    least_events=st.just(1),
)
CURRENCIES = st.sampled_from(["USD", "EUR"])
POLICIES = st.builds(
    PolicyTerms,
    agents=st.sampled_from([("*",), ("a",), ("b", "c")]),
    allowed_tools=st.sampled_from([("search",), (), None]),
    constraints=st.just({"mail": ToolConstraint(("send",))}),
    daily_cost_cap=st.sampled_from([None, CostCap(Decimal(2), "USD"), CostCap(Decimal("0.3"), "EUR")]),
    high_risk_actions=st.just((HighRiskAction("mail"),)),
    severities=st.sampled_from([{}, {PolicyRule.TOOL_NOT_ALLOWED: Severity.CRITICAL}]),
)
BUDGETS = st.builds(
    BudgetTerms,
    amount=st.sampled_from([Decimal(1), Decimal(10) ** 6]),
    currency=CURRENCIES,
    scope=st.sampled_from(BudgetScope),
    name=st.sampled_from(["", "lab", "a"]),
    period=st.sampled_from(BudgetPeriod),
    thresholds=st.sampled_from([(1.0,), (0.5, 1.0, 2.0)]),
)
COUNTS_ROWS = st.builds(
    CountsRow,
    tenant_id=st.just("default"),
    log_partition=st.integers(0, 2),
    offset=st.integers(0, 5),
    rule=st.sampled_from(["r/1", "r/2", "error_rate/1"]),
    stretch=st.integers(0, 1),
    counters=st.lists(st.sampled_from([0, 1, 5]), min_size=8, max_size=8),
    money=st.just({}),
)
AGES = st.one_of(st.none(), st.integers(-DAY, 40 * DAY))


@st.composite
def rows(draw: st.DrawFn, now: int) -> Sequence[msgspec.Struct]:
    """Rows of one kind, as one request carries them."""
    kind = draw(st.sampled_from(["event", "log", "event", "cost", "heartbeat", "metrics", "violation"]))
    size = st.integers(1, 5)
    if kind == "log":
        one = st.tuples(st.sampled_from(["debug", "info", "warn", "error"]), AGES)
        return [
            log(level, None if age is None else now - age)
            for level, age in draw(st.lists(one, min_size=1, max_size=5))
        ]
    if kind == "event":
        return draw(st.lists(EVENTS, min_size=1, max_size=5))
    if kind == "cost":
        amount, currency = draw(st.floats(0, 1e6) | st.sampled_from(["0.1", "1.5"])), draw(CURRENCIES)
        center = draw(st.sampled_from(["", "lab", "a/b"]))
        return [
            cost(amount, "tool_cost", currency=currency, cost_center=center),
            cost(amount, currency=currency, cost="0.2"),
            cost(amount, "tokens_in", cost_center=center),
        ]
    if kind == "heartbeat":
        return [heartbeat(draw(st.sampled_from(["active", "active", "error", "inactive"])))]
    if kind == "metrics":
        return [metrics(draw(st.one_of(st.none(), st.floats(-1e9, 1e9))))]
    rules = st.sampled_from(["r", "s"])
    return [violation(draw(SEVERITIES), draw(rules)) for _ in range(draw(size))]


@st.composite
def governed(draw: st.DrawFn, made: Log, now: int, version: int) -> Record:
    """An agent's record: its labels, or its suspension."""
    agent = draw(st.sampled_from(AGENTS))
    if draw(st.booleans()):
        return made.suspension(now, version, agent, lasts=draw(st.booleans()))
    return made.labels(now, version, agent, draw(LABELS))


@st.composite
def control(draw: st.DrawFn, made: Log, now: int) -> Record:
    """A control record of any kind that rules read, in a version that may be old."""
    version = draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["model", "policy", "budget", "rule", "rule", "silence", "agent", "agent"]))
    if kind == "model":
        return made.model(now, version, draw(MODELS))
    if kind == "policy":
        return made.policy(now, version, draw(POLICIES | st.none()), draw(st.sampled_from("pq")))
    if kind == "budget":
        return made.budget(now, version, draw(BUDGETS | st.none()), draw(st.sampled_from("bc")))
    if kind == "rule":
        names = st.sampled_from(["r", "error_rate", "trust_drop"])
        return made.rule(now, version, draw(RULES | st.none()), draw(names))
    if kind == "silence":
        terms = SilenceTerms(now - HOUR, now + draw(st.sampled_from([1, MINUTE, DAY])))
        return made.silence(now, version, terms, deleted=draw(st.booleans()))
    return draw(governed(made, now, version))


@st.composite
def reported(draw: st.DrawFn, now: int) -> list[AnyTotalsRow]:
    """What some partition reports, perhaps late or again."""
    if draw(st.booleans()):
        return [draw(COUNTS_ROWS) for _ in range(draw(st.integers(1, 3)))]
    period = draw(st.sampled_from(BudgetPeriod))
    return [
        TotalsRow(
            tenant_id="default",
            log_partition=draw(st.integers(0, 2)),
            offset=draw(st.integers(0, 5)),
            scope=draw(st.sampled_from(BudgetScope)),
            name=draw(st.sampled_from(["", "lab", "a"])),
            period=period,
            number=number_of(period, now) - draw(st.integers(0, 1)),
            currency=draw(CURRENCIES),
            units=str(draw(st.integers(0, 10**19))),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]


@st.composite
def logs(draw: st.DrawFn, max_records: int = 20) -> list[Record]:
    """A log of up to `max_records` records; every other one a tick."""
    made, now, built = Log(), START, []
    if draw(st.booleans()):
        built.append(made.policy(now, 1, draw(POLICIES), "p"))
    for _ in range(draw(st.integers(1, max_records))):
        now = max(START, now + draw(GAPS))
        if draw(st.booleans()):
            built.append(made.tick(now))
            continue
        if draw(st.integers(0, 4)) == 0:
            built.append(draw(control(made, now)))
            continue
        if draw(st.integers(0, 4)) == 0:
            built.append(made.totals(now, draw(reported(now))))
            continue
        sent = draw(rows(now))
        senders = draw(st.lists(st.sampled_from(AGENTS), min_size=1, max_size=3))
        keys = st.one_of(st.none(), st.integers(1, 3))
        built.append(made.record(now, *(Request(agent, sent, draw(keys)) for agent in senders)))
    return built
