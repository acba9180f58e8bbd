"""Totals are the sum of the agents' own ledgers, and a restart does not show in what is published."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.budgets import BudgetPeriod
from schemas.derived import DerivedEvent, Spend
from schemas.errors import InvalidMessageError
from schemas.messages.cost import CostRow
from schemas.timestamps import date_text
from stream_processors.rules.ledger import Ledger, Sum
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.partition_totals import (
    TURN,
    Moment,
    PartitionTotals,
    TotalKey,
    decode_moment,
    encode_moment,
)
from stream_processors.rules.state import AgentState, decode_agent, encode_agent
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Log,
    Request,
    World,
    cost,
    log,
)
from tests.stream_processors.rules.random_logs import EXAMPLES

TODAY = START // DAY
AGENTS = ("a", "b")
Sums = dict[TotalKey, dict[tuple[str, int], Sum]]


def tool(amount: str, center: str = "", currency: str = "USD") -> CostRow:
    return cost(amount, "tool_cost", currency=currency, cost_center=center)


def spends(events: Sequence[DerivedEvent]) -> list[Spend]:
    return [event.data for event in events if isinstance(event.data, Spend)]


def amounts(events: Sequence[DerivedEvent]) -> list[tuple[str, str, list[str]]]:
    return [(one.day, one.cost_center, [figure.amount for figure in one.figures]) for one in spends(events)]


def added_up(agents: Sequence[AgentState]) -> Sums:
    """The totals as a function of the states alone."""
    totals: Sums = {}
    for state in agents:
        ledger = state.ledger or Ledger()
        for period, kept in ((BudgetPeriod.DAY, ledger.days), (BudgetPeriod.MONTH, ledger.months)):
            for one in kept:
                for line in one.lines:
                    key = TotalKey(state.tenant_id, line.cost_center, period, one.number)
                    of = totals.setdefault(key, {})
                    figure = (line.currency, line.price_version)
                    of[figure] = of.get(figure, Sum()).plus(line.sum)
    return totals


def days(world: World) -> set[int]:
    return {key.number - TODAY for key in world.state.totals.sums if key.period is BudgetPeriod.DAY}


def test_what_is_spent_is_published_as_a_total_some_seconds_later() -> None:
    world = World()
    assert spends(world.send(tool("1.25", "lab"), tool("2"))) == []
    events = world.wait(TURN)
    assert amounts(events) == [("2027-01-15", "", ["2"]), ("2027-01-15", "lab", ["1.25"])]
    spend = next(event for event in events if isinstance(event.data, Spend))
    assert spend.key == "default//2027-01-15/0"
    assert spend.time == world.now
    assert spends(world.wait(MINUTE)) == []
    world.send(tool("0.5", "lab"), agent="b")
    assert amounts(world.wait(TURN)) == [("2027-01-15", "lab", ["1.75"])]


def test_each_figure_says_by_which_price_it_was_made_and_what_has_none() -> None:
    world = World()
    world.send(
        cost(1000, "tokens_in", cost="0.003", currency="USD", price_version=4),
        cost(50, "tokens_out", cost="0.002", currency="USD", price_version=5),
        cost(7, "tokens_out"),
        tool("1"),
    )
    (spend,) = spends(world.wait(TURN))
    assert [
        (one.currency, one.price_version, one.amount, one.entries, one.unpriced_tokens)
        for one in spend.figures
    ] == [
        ("", 0, "0", 1, "7"),
        ("USD", 0, "1", 1, "0"),
        ("USD", 4, "0.003", 1, "0"),
        ("USD", 5, "0.002", 1, "0"),
    ]


def test_other_rows_say_nothing_of_money() -> None:
    world = World()
    world.send(log())
    assert spends(world.wait(MINUTE)) == []
    assert world.state.agents["default/a"].ledger is None


def test_a_day_is_published_whole_before_the_next_one_begins_even_without_a_tick() -> None:
    world = World()
    world.send(tool("1"))
    world.now = (TODAY + 1) * DAY - SECOND
    world.send(tool("2"), agent="b")
    world.now += 2 * SECOND
    assert amounts(world.send(tool("4"))) == [("2027-01-15", "", ["3"])]
    assert amounts(world.wait(TURN)) == [("2027-01-16", "", ["4"])]
    # Nobody ticks for days, as when the processors are away.
    world.send(tool("8"))
    world.now += 3 * DAY
    assert amounts(world.send(log())) == [("2027-01-16", "", ["12"])]


def test_a_day_that_agents_left_behind_is_let_go_and_a_forgotten_agent_with_it() -> None:
    world = World()
    world.send(tool("1"))
    world.send(tool("1"), agent="b")
    for _ in range(2):
        world.now += DAY
        world.send(tool("1"))
    assert days(world) == {0, 1, 2}
    world.send(tool("1"), agent="b")
    assert days(world) == {0, 1, 2}
    world.now += DAY
    world.send(tool("1"), agent="b")
    assert days(world) == {1, 2, 3}
    world.wait(61 * DAY, step=DAY)
    assert world.state.agents == {}
    assert world.state.totals.sums == {}


def test_the_moment_is_handed_out_once_and_packing_loses_nothing() -> None:
    world = World()
    world.wait(TURN)
    (moment,) = world.state.totals.drain_moment()
    assert world.state.totals.drain_moment() == []
    assert decode_moment(encode_moment(moment)) == moment
    with pytest.raises(InvalidMessageError):
        decode_moment(b"\x01")


def test_a_broker_whose_clock_jumped_ahead_and_back_delays_nothing() -> None:
    world = World()
    world.wait(TURN)
    world.now += 365 * DAY
    world.wait(TURN)
    world.now = START + HOUR
    world.send(tool("1"))
    (event,) = spends_of(world.wait(TURN))
    assert event.key == "default//2027-01-15/0"
    assert event.time >= START + 365 * DAY


GAPS = st.sampled_from([0, SECOND, SECOND, 5 * SECOND, HOUR, 13 * HOUR, DAY, 3 * DAY, -HOUR, -2 * DAY])


@st.composite
def spending_logs(draw: st.DrawFn) -> list[Record]:
    """Two agents that spend, and ticks, while days pass."""
    made, now, built = Log(), START, []
    for _ in range(draw(st.integers(1, 25))):
        now = max(START, now + draw(GAPS))
        if draw(st.booleans()):
            built.append(made.tick(now))
            continue
        rows = draw(
            st.lists(
                st.builds(
                    tool,
                    st.sampled_from(["0.1", "7", "1e14"]),
                    st.sampled_from(["", "lab"]),
                    st.sampled_from(["USD", "EUR"]),
                ),
                min_size=1,
                max_size=3,
            )
        )
        keys = st.one_of(st.none(), st.integers(1, 3))
        senders = draw(st.lists(st.sampled_from(AGENTS), min_size=1, max_size=2))
        built.append(made.record(now, *(Request(agent, rows, draw(keys)) for agent in senders)))
    return built


@settings(max_examples=4 * EXAMPLES)
@given(spending_logs(), st.data())
def test_totals_after_any_crash_are_those_of_an_undisturbed_run(
    records: list[Record], data: st.DataObject
) -> None:
    """Each agent, and the moment, is restored as of a cut of its own; all is replayed from the start."""
    whole = PartitionState(0)
    states: list[dict[str, bytes]] = [{}]
    moments, expected = [whole.totals.moment], []
    for record in records:
        expected.append(whole.absorb(record))
        assert whole.totals.sums == added_up(list(whole.agents.values()))
        states.append({key: encode_agent(state) for key, state in whole.agents.items()})
        moments.append(whole.totals.moment)
    cuts = [data.draw(st.integers(0, len(records))) for _ in (*AGENTS, "moment")]
    keys = [f"default/{agent}" for agent in AGENTS]
    restored = [
        decode_agent(states[cut][key]) for key, cut in zip(keys, cuts, strict=False) if key in states[cut]
    ]
    second = PartitionState(0, restored, moment=moments[cuts[-1]])
    latest = max(cuts)
    for place, record in enumerate(records):
        events = second.absorb(record)
        assert second.totals.sums == added_up(list(second.agents.values()))
        if place >= latest:
            assert events == expected[place]
        known = {event.id: event for event in expected[place]}
        assert all(known[event.id] == event for event in spends_of(events))
    assert {key: encode_agent(state) for key, state in second.agents.items()} == states[-1]
    assert second.totals.moment == whole.totals.moment
    assert second.totals.sums == whole.totals.sums


def spends_of(events: Sequence[DerivedEvent]) -> list[DerivedEvent]:
    return [event for event in events if isinstance(event.data, Spend)]


ENTRIES = st.tuples(
    st.sampled_from(AGENTS),
    st.sampled_from(["", "lab"]),
    st.integers(0, 10**6),
    st.sampled_from([SECOND, 5 * SECOND, HOUR, 13 * HOUR]),
)


@given(st.lists(ENTRIES, max_size=20))
def test_the_last_totals_of_each_day_are_all_that_was_spent_on_it(
    entries: list[tuple[str, str, int, int]],
) -> None:
    world = World()
    spent: dict[tuple[str, str], int] = {}
    for agent, center, amount, gap in entries:
        world.send(tool(str(amount), center), agent=agent)
        key = (date_text(world.now // DAY), center)
        spent[key] = spent.get(key, 0) + amount
        world.now += gap
    world.wait(TURN)
    last = {(one.day, one.cost_center): int(one.figures[0].amount) for one in spends(world.events)}
    assert last == spent


def test_totals_begin_with_nothing() -> None:
    totals = PartitionTotals(-1)
    assert (totals.sums, totals.moment) == ({}, Moment())
