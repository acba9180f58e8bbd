"""Violations, reported or detected, are published, cost trust and alert; through a partition as it runs."""

from decimal import Decimal

import msgspec
import pytest

from schemas.derived import DerivedEvent, ViolationSource
from schemas.messages.values import Severity
from schemas.policy import CostCap, HighRiskAction, PolicyRule, PolicyTerms
from schemas.topics import Topic
from stream_processors.rules.control_history import encode_version
from stream_processors.rules.partition import PartitionState
from tests.stream_processors.rules.log_builder import (
    SECOND,
    Request,
    World,
    alerts,
    cost,
    event,
    heartbeat,
    scores,
    violation,
    violations,
)

CRITICAL = {PolicyRule.TOOL_NOT_ALLOWED: Severity.CRITICAL}


def put(world: World, terms: PolicyTerms | None, version: int = 1, name: str = "p") -> None:
    world.state.absorb(world.log.policy(world.now, version, terms, name))


def rules(events: list[DerivedEvent]) -> list[tuple[str, ViolationSource]]:
    return [(found.rule, found.source) for found in violations(events)]


def test_a_policy_finds_what_comes_after_it_until_it_is_gone() -> None:
    world = World()
    call = event(tool_name="shell")
    assert violations(world.send(call)) == []
    put(world, PolicyTerms(allowed_tools=()))
    assert rules(world.send(call)) == [("tool_not_allowed", ViolationSource.DETECTED)]
    put(world, None, version=2)
    assert violations(world.send(call)) == []


def test_the_same_events_under_two_policies_are_two_violations_with_ids_of_their_own() -> None:
    world = World()
    for name in "pq":
        put(world, PolicyTerms(allowed_tools=()), name=name)
    events = world.send(event(tool_name="shell"), event(tool_name="mail"))
    assert [found.policy_id for found in violations(events)] == ["p", "q", "p", "q"]
    assert len({event.id for event in events}) == len(events)


def test_a_cap_is_exceeded_across_requests_on_one_day() -> None:
    world = World()
    put(world, PolicyTerms(daily_cost_cap=CostCap(Decimal("0.3"), "USD")))
    row = cost("0.1", "tool_cost", currency="USD")
    assert [rules(world.send(row)) for _ in range(5)] == [
        [],
        [],
        [],
        [("daily_cost_cap", ViolationSource.DETECTED)],
        [],
    ]


@pytest.mark.parametrize("reported", [True, False], ids=["reported", "detected"])
def test_a_critical_violation_costs_trust_and_alerts_at_once(*, reported: bool) -> None:
    world = World()
    put(world, PolicyTerms(allowed_tools=(), severities=CRITICAL))
    world.send(heartbeat())
    world.wait(SECOND)
    row: msgspec.Struct = violation("critical", "tool_not_allowed") if reported else event(tool_name="shell")
    events = world.send(row)
    (alert,) = (alert for alert in alerts(events) if alert.rule == "critical_violation")
    (found,) = violations(events)
    assert (alert.severity, alert.evidence) == (Severity.CRITICAL, found.evidence)
    (score,) = scores(events)
    assert score.score <= 40


def test_each_event_counts_for_trust_though_one_violation_is_published() -> None:
    one, many = World(), World()
    for world, calls in ((one, 1), (many, 5)):
        put(world, PolicyTerms(allowed_tools=()))
        assert len(violations(world.send(*[event(tool_name="shell")] * calls))) == 1
    pressures = [world.state.agents["default/a"].violations.pressures[2] for world in (one, many)]
    assert pressures[1] > pressures[0] > 0


def test_two_rules_of_a_policy_that_one_call_breaks_are_two_violations_with_ids_of_their_own() -> None:
    world = World()
    put(world, PolicyTerms(allowed_tools=(), high_risk_actions=(HighRiskAction("shell"),)))
    events = world.send(event(tool_name="shell"))
    assert [rule for rule, _ in rules(events)] == ["tool_not_allowed", "high_risk_action"]
    assert len({event.id for event in events}) == len(events)


def test_a_replay_judges_by_the_policy_that_held_then() -> None:
    world = World()
    put(world, PolicyTerms(allowed_tools=()))
    record = world.log.record(world.now, Request("a", [event(tool_name="shell")]))
    once = world.state.absorb(record)
    put(world, None, version=2)
    # A checkpoint written in part: the policies are of now, the agent is of before.
    policies = [encode_version(version) for version in world.state.policies.all()]
    restored = PartitionState(0, control={Topic.POLICIES: policies})
    assert restored.absorb(record) == once
    assert len(violations(once)) == 1
