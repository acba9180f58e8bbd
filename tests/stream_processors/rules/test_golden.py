"""A fixed log gives the same bytes of state and the same events, on every machine and in every release.

When a rule is changed on purpose, the digests change: put the new ones here, say in docs/trust.md what
changed, and raise STATE_VERSION if old states can no longer be read.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from schemas.alert_rules import (
    Absence,
    AlertRuleTerms,
    Deviation,
    Escalation,
    Metric,
    Rate,
    Scope,
    SilenceTerms,
    Threshold,
)
from schemas.derived import Alert, PolicyViolation, TrustScore, ViolationSource
from schemas.messages.event import EventRow
from schemas.messages.values import Severity
from schemas.policy import CostCap, HighRiskAction, PolicyRule, PolicyTerms, ToolConstraint
from schemas.trust_model import IncidentParameters, OutcomeParameters, TrustParameters
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.reason_codes import CODES
from stream_processors.rules.state import encode_agent
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

STATE_DIGEST = "8eb050803e0cff9ac3c11e5e36dcfe8cafdcac34ede1d509968db591b762f5fb"
EVENTS_DIGEST = "067d4a4d37de624d5b26a313c2ca5b6f91cda6ac749fff6001f54a840e3a5a16"

_STEPS = 6000
_AGENTS = 12

MODELS = (
    TrustParameters(),
    TrustParameters(outcomes=OutcomeParameters(exponent=2.0, fast_half_life_minutes=7)),
    TrustParameters(incidents=IncidentParameters(threshold=3.0), forget_after_days=2),
)
POLICIES = (
    None,
    PolicyTerms(agents=("agent-1*",), allowed_tools=("tool-1", "tool-2", "tool-3")),
    PolicyTerms(
        agents=("agent-2", "agent-3"),
        constraints={"tool-1": ToolConstraint(("read",))},
        high_risk_actions=(HighRiskAction("tool-2"),),
        severities={PolicyRule.HIGH_RISK_ACTION: Severity.LOW},
    ),
    PolicyTerms(agents=("*-4", "*-5"), daily_cost_cap=CostCap(Decimal("10.5"), "USD")),
)
RULES = (
    AlertRuleTerms(Metric.ERROR_RATE, Threshold(0.2), for_seconds=20, severity=Severity.HIGH),
    AlertRuleTerms(Metric.TOKENS, Deviation(2.0, 3), window_seconds=3600, cool_down_seconds=7200),
    None,
    AlertRuleTerms(Metric.EVENTS, Absence(), scope=Scope(labels={"team": "x"}), window_seconds=600),
    AlertRuleTerms(Metric.LATENCY_P95, Threshold(9000, escalations=(Escalation(20_000, Severity.CRITICAL),))),
    AlertRuleTerms(Metric.LOG_ERRORS, Rate(2.0), scope=Scope(agents=("agent-1*",))),
)


def lots() -> Iterator[int]:
    """Numbers that are the same everywhere (the generator of POSIX's drand48)."""
    value = 0x1234ABCD330E
    while True:
        value = (value * 0x5DEECE66D + 11) % 2**48
        yield value >> 16


def calls(draw: Iterator[int], number: int) -> list[EventRow]:
    """A decision, calls with their outcomes, some of which contradict them, and an error now and then."""
    rows = [decision("deny" if number % 9 == 0 else "allow")]
    for place in range(1 + number % 6):
        span, failing = f"span-{number % 1000}-{place}", next(draw) % 11 == 0
        took = float(1 + next(draw) % 4000) * (8.0 if number % 50 > 40 else 1.0)
        tool = f"tool-{next(draw) % 5}"
        claimed = not failing or number % 3 == 0
        rows.append(event("ToolCall", claimed, tool_name=tool, latency_ms=took, span_id=span))
        if next(draw) % 2:
            rows.append(event("Outcome", not failing, tool_name=tool, span_id=span))
        elif failing:
            rows.append(event("Error", tool_name=tool, span_id=span, error_type="timeout"))
    return [*rows, event("RunEnd", number % 13 != 0, run_id=f"run-{number % 40}")]


def control(made: Log, now: int, version: int, number: int) -> Record:
    """Another trust model, policy, alert rule, silence or label."""
    if number % 5 == 0:
        return made.rule(now, version, RULES[number % len(RULES)], ("r", "s", "error_rate")[number % 3])
    if number % 5 == 1:
        return made.silence(now, version, SilenceTerms(now, now + HOUR, agents=(f"agent-{number % 9}",)))
    if number % 5 == 2:
        return made.labels(now, version, f"agent-{number % 12}", {"team": "xyz"[number % 3]})
    if number % 2:
        return made.model(now, version, MODELS[number // 2 % len(MODELS)])
    return made.policy(now, version, POLICIES[number // 2 % len(POLICIES)], "pqr"[number % 3])


def fixed_log() -> Iterator[Record]:
    made, draw, now = Log(), lots(), START
    for step in range(_STEPS):
        now += (0, 40, 250, SECOND, SECOND, 20 * SECOND, MINUTE, -SECOND)[next(draw) % 8]
        if step % 500 == 499:
            now += (HOUR, 9 * HOUR, 3 * DAY, 8 * DAY)[next(draw) % 4]
        kind, agent, number = next(draw) % 20, f"agent-{next(draw) % _AGENTS}", next(draw)
        if kind < 6:
            yield made.tick(now)
        elif kind < 8:
            yield made.record(now, Request(agent, calls(draw, number)))
        elif kind == 8:
            yield made.record(
                now, Request(agent, [cost(number % 5000 / 8), cost(number % 7, "tool_cost", currency="USD")])
            )
        elif kind < 12:
            failing = 2 + next(draw) % 30
            late = now - number % 400_000
            rows = [
                log("info" if place % failing else "error", late if place % 2 else None)
                for place in range(1 + number % 40)
            ]
            yield made.record(now, Request(agent, rows, number % 50 if number % 3 == 0 else None))
        elif kind < 17:
            yield made.record(
                now, Request(agent, [heartbeat(("active", "active", "error", "inactive")[number % 4])])
            )
        elif kind == 17:
            yield made.record(now, Request(agent, [metrics(number % 1000 / 10)]))
        elif kind == 18 and step % 7 < 2:
            yield control(made, now, 1 + step, number)
        else:
            severity = ("low", "low", "low", "medium", "medium", "high", "critical")[number % 7]
            yield made.record(now, Request(agent, [violation(severity, f"rule-{number % 3}")]))
    yield from calm_log(made, now)


def calm_log(made: Log, now: int) -> Iterator[Record]:
    """Two agents in order but for a day on which they violate: their ceilings outlast the pressure."""
    offences = {"calm-0": [violation("critical")], "calm-1": [violation("high", rule) for rule in "abc"]}
    for step in range(9 * 48):
        now += HOUR // 2
        yield made.tick(now)
        for agent, offence in offences.items():
            yield made.record(now, Request(agent, [heartbeat()]))
            yield made.record(now, Request(agent, offence if step == 2 * 48 else [log()] * 10))


def test_the_fixed_log_gives_the_pinned_state_and_events() -> None:
    state = PartitionState(3)
    digest = hashlib.sha256()
    counts, codes, rules, alerts = Counter[str](), set[str](), set[str](), Counter[str]()
    for record in fixed_log():
        for found in state.absorb(record):
            digest.update(msgspec.msgpack.encode(found))
            counts[type(found.data).__name__] += 1
            if isinstance(found.data, TrustScore):
                codes |= {reason.code for reason in found.data.reasons}
            if isinstance(found.data, Alert):
                alerts[found.data.metric] += 1
            if isinstance(found.data, PolicyViolation) and found.data.source is ViolationSource.DETECTED:
                rules.add(found.data.rule)
    states = hashlib.sha256(b"".join(encode_agent(agent) for _, agent in sorted(state.agents.items())))
    assert min(counts.values()) > 20, counts
    assert len(counts) == 5
    # The log has something of everything, or else the digests would say little.
    assert codes == set(CODES)
    assert rules == set(PolicyRule)
    assert len(alerts) > 8, alerts
    assert (states.hexdigest(), digest.hexdigest()) == (STATE_DIGEST, EVENTS_DIGEST)
