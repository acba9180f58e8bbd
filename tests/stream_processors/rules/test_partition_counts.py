"""What agents add to rules over many agents is the sum of their own states, whatever was restored."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_engine.counters import CRITICALS, DENIED, EVENTS, LOG_ERRORS, NAMES, TOKENS, VIOLATIONS
from alert_engine.shares import Amounts
from schemas.alert_rules import AlertRuleTerms, Metric, Scope, ScopeKind, Threshold
from schemas.erasures import ErasedAgent
from schemas.topics import Topic
from schemas.totals_block import CountsRow
from stream_processors.rules import counts
from stream_processors.rules.counts import add_to
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.partition_counts import CountsKey
from stream_processors.rules.partition_totals import TURN
from stream_processors.rules.state import AgentState, decode_agent, encode_agent
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    SECOND,
    START,
    Log,
    Request,
    World,
    cost,
    decision,
    log,
    violation,
)
from tests.stream_processors.rules.random_logs import EXAMPLES

AGENTS = ("a", "b")
ALL = AlertRuleTerms(Metric.ERROR_RATE, Threshold(1), scope=Scope(ScopeKind.TOTAL))
TEAM = AlertRuleTerms(Metric.LOG_ERRORS, Threshold(9), scope=Scope(ScopeKind.TOTAL, labels={"team": "x"}))
SPEND = AlertRuleTerms(Metric.SPEND, Threshold(9), scope=Scope(ScopeKind.TOTAL, ("b",)), currency="EUR")
Sums = dict[CountsKey, dict[str, Amounts]]


def rows(state: PartitionState) -> list[CountsRow]:
    return [row for report in state.take_reports() for row in report.rows if isinstance(row, CountsRow)]


def counted(state: PartitionState) -> dict[str, dict[str, int]]:
    """What was reported since the last call, by rule and the names of series."""
    return {
        row.rule: {name: amount for name, amount in zip(NAMES, row.counters, strict=True) if amount}
        | row.money
        for row in rows(state)
    }


def added_up(state: PartitionState, stretch: int) -> Sums:
    """The totals of a stretch as a function of the agents' states alone."""
    totals: Sums = {}
    for agent in state.agents.values():
        if agent.counts is not None and agent.counts.stretch == stretch:
            sums = totals.setdefault((agent.tenant_id, stretch), {})
            for membership, amounts in agent.counts.amounts.items():
                add_to(sums, membership, amounts)
    return totals


def test_without_a_rule_over_many_agents_nothing_is_counted() -> None:
    world = World()
    world.put(world.log.rule(world.now, 1, AlertRuleTerms(Metric.ERROR_RATE, Threshold(1))))
    world.send(log("error"))
    world.wait(TURN)
    assert world.state.take_reports() == []
    assert world.state.agents["default/a"].counts is None


def test_all_that_rules_read_is_reported_for_the_tenant_for_a_label_and_for_names() -> None:
    world = World()
    world.put(world.log.rule(world.now, 1, ALL, "all"))
    world.put(world.log.rule(world.now, 4, TEAM, "team"))
    world.put(world.log.rule(world.now, 1, SPEND, "spend"))
    world.put(world.log.labels(world.now, 1, "a", {"team": "x"}))
    world.send(log("error"), log())
    world.send(violation("high"), violation("critical"), agent="b")
    world.send(decision("deny"), agent="b")
    world.send(cost(30, cost="0.5", currency="EUR"), agent="b")
    assert rows(world.state) == []
    world.wait(TURN)
    of_b = {
        NAMES[EVENTS]: 4,
        NAMES[DENIED]: 1,
        NAMES[VIOLATIONS]: 2,
        NAMES[CRITICALS]: 1,
        NAMES[TOKENS]: 30,
        "spend/EUR": 500_000,
    }
    assert counted(world.state) == {
        "all/1": of_b | {NAMES[EVENTS]: 6, NAMES[LOG_ERRORS]: 1},
        "team/4": {NAMES[EVENTS]: 2, NAMES[LOG_ERRORS]: 1},
        "spend/1": of_b,
    }
    world.wait(TURN)
    assert rows(world.state) == []
    world.send(log())
    world.wait(TURN)
    assert set(counted(world.state)) == {"all/1", "team/4"}


def test_what_no_other_rule_reads_is_counted_for_it() -> None:
    world = World()
    off = AlertRuleTerms(Metric.LOG_ERRORS, Threshold(1), enabled=False)
    world.put(world.log.rule(world.now, 1, off, "log_error_burst"))
    world.put(world.log.rule(world.now, 1, TEAM, "team"))
    world.put(world.log.labels(world.now, 1, "a", {"team": "x"}))
    world.send(log("error"))
    world.wait(TURN)
    assert counted(world.state)["team/1"][NAMES[LOG_ERRORS]] == 1


def test_other_terms_and_other_labels_take_nothing_along() -> None:
    world = World()
    world.put(world.log.rule(world.now, 1, TEAM, "team"))
    world.put(world.log.labels(world.now, 1, "a", {"team": "x"}))
    world.send(log())
    world.put(world.log.labels(world.now, 2, "a", {"team": "y"}))
    world.send(log())
    world.put(world.log.labels(world.now, 3, "a", {"team": "x"}))
    world.put(world.log.rule(world.now, 2, TEAM, "team"))
    world.send(log(), log())
    world.wait(TURN)
    assert counted(world.state) == {"team/1": {"events": 1}, "team/2": {"events": 2}}


def test_a_repeat_counts_once() -> None:
    world = World()
    world.put(world.log.rule(world.now, 1, ALL))
    world.send(log(), key=1)
    world.send(log(), key=1)
    world.wait(TURN)
    assert counted(world.state) == {"r/1": {"events": 1}}


def test_rules_of_ten_thousand_labels_cost_what_rules_cost() -> None:
    """Only a rule makes a total, however many labels agents have."""
    world = World()
    world.put(world.log.rule(world.now, 1, TEAM, "team"))
    for number in range(300):
        world.put(world.log.labels(world.now, 1, f"a{number}", {"team": "x", f"own-{number}": "1"}))
        world.send(log(), agent=f"a{number}")
    world.wait(TURN)
    assert counted(world.state) == {"team/1": {"events": 300}}
    assert world.state.counts.sums == {("default", 0): {"team/1": Amounts([300, *[0] * 7])}}


def test_an_erased_agent_takes_its_part_along() -> None:
    world = World()
    world.put(world.log.rule(world.now, 1, ALL))
    world.send(log())
    world.send(log(), agent="b")
    erased = ErasedAgent("default", "e", "a")
    world.put(world.log.control(world.now, Topic.ERASURES, "a", 1, erased))
    world.wait(TURN)
    assert counted(world.state) == {"r/1": {"events": 1}}


def test_an_agent_is_not_forgotten_while_its_part_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.put(world.log.rule(world.now, 1, ALL))
    world.send(log())
    world.now += 100 * DAY
    world.wait(SECOND)
    assert list(world.state.agents) == ["default/a"]
    monkeypatch.setattr(counts, "STRETCH", 1)
    world.wait(HOUR, step=HOUR)
    assert world.state.agents == {}


GAPS = st.sampled_from([0, SECOND, 5 * SECOND, HOUR, -HOUR, DAY])
RULES = st.sampled_from([ALL, TEAM, SPEND, None])


@st.composite
def reporting_logs(draw: st.DrawFn) -> list[Record]:
    """Two agents that report, rules and labels that change, and ticks."""
    made, now = Log(), START
    built = [made.rule(now, 1, ALL)]
    for _ in range(draw(st.integers(1, 25))):
        now = max(START, now + draw(GAPS))
        match draw(st.sampled_from(["tick", "tick", "rows", "rows", "rows", "rule", "labels"])):
            case "tick":
                built.append(made.tick(now))
            case "rule":
                built.append(
                    made.rule(now, draw(st.integers(1, 3)), draw(RULES), draw(st.sampled_from("qr")))
                )
            case "labels":
                labels = draw(st.sampled_from([{"team": "x"}, {}]))
                built.append(made.labels(now, draw(st.integers(1, 3)), draw(st.sampled_from(AGENTS)), labels))
            case _:
                one = draw(
                    st.sampled_from([log("error"), violation("critical"), cost(3, cost="2", currency="EUR")])
                )
                senders = draw(st.lists(st.sampled_from(AGENTS), min_size=1, max_size=2))
                built.append(made.record(now, *(Request(agent, [one]) for agent in senders)))
    return built


@settings(max_examples=2 * EXAMPLES)
@given(reporting_logs(), st.data())
def test_totals_after_any_crash_are_those_of_an_undisturbed_run(
    records: list[Record], data: st.DataObject
) -> None:
    """Stretches of four records; each agent and the moment are restored as of a cut of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "STRETCH", 4)
        whole = PartitionState(0)
        states: list[dict[str, bytes]] = [{}]
        moments, expected = [whole.totals.moment], []
        for record in records:
            whole.absorb(record)
            stretch = record.offset // 4
            assert of_stretch(whole, stretch) == added_up(whole, stretch)
            expected.append(rows(whole))
            states.append({key: encode_agent(state) for key, state in whole.agents.items()})
            moments.append(whole.totals.moment)
        cuts = [data.draw(st.integers(0, len(records))) for _ in (*AGENTS, "moment")]
        second = PartitionState(0, restored(states, cuts), moment=moments[cuts[-1]])
        latest = max(cuts)
        known: dict[tuple[str, int], CountsRow] = {}
        for place, record in enumerate(records):
            second.absorb(record)
            found = rows(second)
            known |= {(row.rule, row.stretch): row for row in expected[place]}
            # The first report also says what was said before, which changes nothing.
            assert all(same_amounts(row, known[row.rule, row.stretch]) for row in found)
            if place >= latest:
                assert [row for row in expected[place] if row not in found] == []
        assert {key: encode_agent(state) for key, state in second.agents.items()} == states[-1]
        last = records[-1].offset // 4
        assert of_stretch(second, last) == of_stretch(whole, last)


def restored(states: Sequence[dict[str, bytes]], cuts: Sequence[int]) -> list[AgentState]:
    keys = [f"default/{agent}" for agent in AGENTS]
    return [
        decode_agent(states[cut][key]) for key, cut in zip(keys, cuts, strict=False) if key in states[cut]
    ]


def of_stretch(state: PartitionState, stretch: int) -> Sums:
    return {key: sums for key, sums in state.counts.sums.items() if key[1] == stretch}


def same_amounts(one: CountsRow, other: CountsRow) -> bool:
    return (one.counters, one.money) == (other.counters, other.money)
