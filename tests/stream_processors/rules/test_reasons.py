"""Reasons add up to what is missing, to the tenth, and name the events that count."""

from math import fsum

import pytest
from hypothesis import given, settings

from schemas.derived import Reason
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.reason_codes import CODES
from stream_processors.rules.reasons import (
    MAX_REASONS,
    codes_mask,
    contributions,
    explained,
    principal,
    rounded,
)
from stream_processors.rules.trust_score import in_tenths, measure
from tests.stream_processors.rules.log_builder import HOUR, World, log, violation
from tests.stream_processors.rules.random_logs import EXAMPLES, logs


def reasons(world: World) -> dict[str, Reason]:
    state = world.state.agents["default/a"]
    measurement = measure(state, DEFAULTS, state.clock)
    points = contributions(measurement, state.score.value)
    tenths = rounded(points, state.score.value)
    found = explained(principal(points), tenths, state, DEFAULTS, measurement)
    return {reason.code: reason for reason in found}


@settings(max_examples=EXAMPLES)
@given(logs())
def test_contributions_add_up_to_what_is_missing(records: list[Record]) -> None:
    """Property 11."""
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
    for agent in state.agents.values():
        value = agent.score.value
        points = contributions(
            measure(agent, state.models.at(agent.tenant_id, agent.fence), agent.clock), value
        )
        tenths = rounded(points, value)
        assert {code for code, _ in points} <= set(CODES)
        assert fsum(cost for _, cost in points) == pytest.approx(100.0 - value, abs=1e-9)
        assert sum(cost for _, cost in tenths) == 1000 - in_tenths(value)
        # The value is of the last evaluation: only at that moment must no cause be negative.
        if agent.score.evaluated_at == agent.clock and not agent.pending:
            assert all(cost >= -1e-9 for _, cost in points)
            assert all(
                abs(cost - exact * 10) <= 1.0 + 1e-9
                for (_, cost), (_, exact) in zip(tenths, points, strict=True)
            )


def test_at_most_four_of_a_point_or_more_the_costliest_first() -> None:
    points = [("failures", 0.99), ("violations", 1.0), ("cold_start", 30.0), ("silence", 2.0)]
    points += [("rise_limit", 3.0), ("little_evidence", 1.5)]
    assert principal(points) == ["cold_start", "rise_limit", "silence", "little_evidence"]
    assert len(principal(points)) == MAX_REASONS


def test_the_mask_is_the_set_of_codes() -> None:
    assert codes_mask(["failures", "violations"]) == codes_mask(["violations", "failures"])
    assert codes_mask(["failures"]) != codes_mask(["violations"])
    assert len({codes_mask([code]) for code in CODES}) == len(CODES)


def test_a_new_agent_lacks_evidence_and_did_not_fail() -> None:
    world = World()
    world.send(log())
    assert set(reasons(world)) == {"little_evidence", "cold_start"}


def test_failures_and_violations_name_their_events() -> None:
    world = World()
    world.live(HOUR, of=2)
    world.send(log(), *[log("error")] * 9)
    world.send(violation("low"), violation("critical"))
    found = reasons(world)
    assert [event.split(":")[1] for event in found["failures"].events] == ["9"]
    assert [event.split(":")[1] for event in found["violations"].events] == ["1", "0"]


def test_three_high_violations_are_the_reason_of_their_ceiling() -> None:
    world = World()
    world.live(24 * HOUR, of=5)
    world.send(*[violation("high", "same")] * 3)
    world.wait(5 * 24 * HOUR, step=HOUR)
    world.live(HOUR * 5, of=5)
    found = reasons(world)
    assert len(found["high_violations_open"].events) == 3
