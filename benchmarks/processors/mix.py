"""Rows as a fleet reports them, of all kinds; most of them tell of work that goes well."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from schemas.block import Kind
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType
from schemas.messages.heartbeat import HeartbeatRow
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.values import AgentHealth, LogLevel, Severity
from schemas.messages.violation import ViolationRow
from schemas.policy import CostCap, HighRiskAction, Policy, PolicyTerms, ToolConstraint

# Of requests. Agents send one heartbeat, metrics report or violation at a time.
SHARES = {
    Kind.LOG: 45.0,
    Kind.EVENT: 38.0,
    Kind.COST: 8.0,
    Kind.HEARTBEAT: 5.0,
    Kind.METRICS: 3.9,
    Kind.VIOLATION: 0.1,
}
ALONE = frozenset({Kind.HEARTBEAT, Kind.METRICS, Kind.VIOLATION})

_TOOLS = ("search", "browser", "database", "mail", "calendar", "shell")
_ACTIONS = {"mail": "send", "database": "select"}
_RUN = 20
_FAILURES = 0.03
_LOG_LEVELS = (LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARN)
_LOG_WEIGHTS = (20, 75, 5)
_STEPS = (EventType.TOOL_CALL, EventType.MODEL_CALL, EventType.OUTCOME, EventType.DECISION, EventType.RUN_END)
_STEP_WEIGHTS = (45, 25, 15, 10, 5)


def rows(kind: Kind, count: int, generator: random.Random, now: datetime) -> list[msgspec.Struct]:
    """A request of one kind, of what happened within the last second."""
    request, make = generator.getrandbits(40), _MAKERS[kind]
    return [
        make(f"{request:010x}", number, generator, now - timedelta(milliseconds=generator.randrange(1000)))
        for number in range(count)
    ]


def policy(tenant_id: str) -> Policy:
    """One that binds all agents of a tenant with every rule; hardly anything of the mix breaks it."""
    terms = PolicyTerms(
        allowed_tools=(*_TOOLS[:-1], "she*"),
        constraints={"mail": ToolConstraint(("read", "se*")), "database": ToolConstraint(("select",))},
        daily_cost_cap=CostCap(Decimal(10**12), "USD"),
        high_risk_actions=(HighRiskAction("shell", "delete*"), HighRiskAction("bank")),
    )
    return Policy(tenant_id, "fleet", 1, terms, 1, "admin", 1, "admin")


def _log(_request: str, _number: int, generator: random.Random, happened: datetime) -> LogRow:
    failed = generator.random() < _FAILURES
    level = LogLevel.ERROR if failed else generator.choices(_LOG_LEVELS, _LOG_WEIGHTS)[0]
    tool, took = generator.choice(_TOOLS), generator.randrange(20, 4000)
    message = f"call to {tool} {'failed: timed out' if failed else 'finished'} after {took} ms"
    return LogRow(level, message, {"tool": tool, "attempt": "1"}, timestamp=happened)


def _event(request: str, number: int, generator: random.Random, happened: datetime) -> EventRow:
    step = generator.choices(_STEPS, _STEP_WEIGHTS)[0]
    success = generator.random() >= _FAILURES
    tool = generator.choice(_TOOLS)
    return EventRow(
        step,
        timestamp=happened,
        run_id=f"{request}-{number // _RUN}",
        name=f"step {number}",
        tool_name=tool if step is not EventType.MODEL_CALL else "",
        action=_ACTIONS.get(tool, "use"),
        decision="ALLOW" if step is EventType.DECISION else "",
        success=None if step is EventType.DECISION else success,
        error_type="" if success else "timeout",
        latency_ms=generator.lognormvariate(5.0, 0.5),
        model="a-model" if step is EventType.MODEL_CALL else "",
        input_tokens=generator.randrange(4000) if step is EventType.MODEL_CALL else None,
        trace_id=f"{generator.getrandbits(128):032x}",
        # An outcome, if one follows, speaks of the call before it.
        span_id=f"{request}{number // 2:06x}",
        attributes={"attempt": 1},
    )


def _cost(_request: str, _number: int, generator: random.Random, happened: datetime) -> CostRow:
    tokens = str(generator.randrange(1, 4000))
    metric = generator.choice((CostMetric.TOKENS_IN, CostMetric.TOKENS_OUT))
    return CostRow(metric, tokens, timestamp=happened, currency="USD", cost="0.0012", model="a-model")


def _heartbeat(_request: str, _number: int, generator: random.Random, happened: datetime) -> HeartbeatRow:
    failing = generator.random() < _FAILURES / 10
    return HeartbeatRow(AgentHealth.ERROR if failing else AgentHealth.ACTIVE, timestamp=happened)


def _metrics(_request: str, _number: int, generator: random.Random, happened: datetime) -> MetricsRow:
    return MetricsRow(generator.randrange(100), generator.random() * 100, 99.0, timestamp=happened)


def _violation(_request: str, _number: int, generator: random.Random, happened: datetime) -> ViolationRow:
    severity = generator.choices((Severity.LOW, Severity.MEDIUM, Severity.HIGH), (70, 25, 5))[0]
    return ViolationRow("data-access", severity, "read what it was not asked for", timestamp=happened)


_MAKERS: dict[Kind, Callable[[str, int, random.Random, datetime], msgspec.Struct]] = {
    Kind.LOG: _log,
    Kind.EVENT: _event,
    Kind.COST: _cost,
    Kind.HEARTBEAT: _heartbeat,
    Kind.METRICS: _metrics,
    Kind.VIOLATION: _violation,
}
