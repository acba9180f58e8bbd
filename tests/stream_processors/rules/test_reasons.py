"""Reasons add up to what is missing, to the tenth, and name the events that count."""

from hypothesis import given

from schemas.derived import Reason
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.reasons import (
    CODES,
    MAX_REASONS,
    codes_mask,
    contributions,
    explained,
    principal_reasons,
)
from stream_processors.rules.trust_score import in_tenths, measure
from tests.stream_processors.rules.log_builder import HOUR, World, log, violation
from tests.stream_processors.rules.random_logs import logs


def reasons(world: World) -> dict[str, Reason]:
    state = world.state.agents["default/a"]
    parts = contributions(measure(state, state.clock), state.score.value)
    return {reason.code: reason for reason in explained(principal_reasons(parts), state)}


@given(logs())
def test_contributions_add_up_to_what_is_missing(records: list[Record]) -> None:
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
    for agent in state.agents.values():
        # At the moment of the last evaluation, for which the published value holds.
        parts = contributions(measure(agent, agent.clock), agent.score.value)
        if agent.score.evaluated_at == agent.clock:
            assert all(tenths >= 0 for _, tenths in parts)
        assert [code for code, _ in parts if code not in CODES] == []
        total = 0
        for _, tenths in parts:
            total += tenths
        assert total == 1000 - in_tenths(agent.score.value)


def test_at_most_four_of_a_point_or_more_the_costliest_first() -> None:
    parts = [("failures", 9), ("violations", 10), ("cold_start", 300), ("silence", 20), ("rise_limit", 30)]
    principal = principal_reasons([*parts, ("little_evidence", 15)])
    assert [code for code, _ in principal] == ["cold_start", "rise_limit", "silence", "little_evidence"]
    assert len(principal) == MAX_REASONS


def test_the_mask_is_the_set_of_codes() -> None:
    assert codes_mask([("failures", 10), ("violations", 20)]) == codes_mask(
        [("violations", 99), ("failures", 1)]
    )
    assert codes_mask([("failures", 10)]) != codes_mask([("violations", 10)])


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
