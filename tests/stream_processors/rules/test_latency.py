"""L: slower than itself costs, slow does not; spread, mix of tools and creeping are no way around it."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.context import Context
from stream_processors.rules.latency import LatencyState, absorb_latencies, slowness, slowness_cost
from tests.stream_processors.rules.log_builder import DAY, MINUTE, START

CAP = DEFAULTS.parameters.latency.cap
Factor = Callable[[int], float]


def lived(
    days: float, factor: Factor = lambda _: 1.0, *, median: float = 200.0, spread: float = 0.5, tools: int = 2
) -> list[float]:
    """The cost after each call, one a minute; `factor` of the minute slows them down."""
    source = random.Random(3)  # noqa: S311 - a repeatable choice, not a secret
    state, costs = LatencyState(), []
    for minute in range(int(days * DAY / MINUTE)):
        tool = source.randrange(tools)
        took = median * (1 + 9 * tool) * source.lognormvariate(0.0, spread) * factor(minute)
        absorb_latencies(state, Context(DEFAULTS, START + minute * MINUTE, bytes(16)), [(0, tool, took)])
        costs.append(slowness_cost(state, DEFAULTS))
    return costs


@pytest.mark.parametrize(("median", "spread", "tools"), [(200.0, 0.5, 2), (5000.0, 1.2, 1), (50.0, 0.1, 8)])
def test_who_stays_as_it_is_pays_nothing_however_slow(median: float, spread: float, tools: int) -> None:
    assert max(lived(4, median=median, spread=spread, tools=tools)) < 0.1


def test_who_becomes_slower_pays_at_once_and_for_days() -> None:
    costs = lived(4, lambda minute: 4.0 if minute >= 2 * 1440 else 1.0)
    assert max(costs[: 2 * 1440]) < 0.1
    assert costs[2 * 1440 + 30] > 0.2
    assert costs[-1] > 0.2


def test_a_slow_call_matters_once_slowness_costs() -> None:
    state, calls = LatencyState(), 2000
    said = [
        absorb_latencies(
            state,
            Context(DEFAULTS, START + number * MINUTE, bytes(16)),
            [(0, 0, 200.0 if number < calls else 2000.0)],
        )
        for number in range(calls + 40)
    ]
    assert not any(said[: calls + 1])
    assert all(said[-10:])


def test_a_slower_mix_of_tools_is_no_slowdown() -> None:
    source = random.Random(4)  # noqa: S311 - as above
    state = LatencyState()
    for minute in range(3 * 1440):
        slow_share = 0.1 if minute < 2 * 1440 else 0.9
        tool = int(source.random() < slow_share)
        took = (50.0, 5000.0)[tool] * source.lognormvariate(0.0, 0.3)
        absorb_latencies(state, Context(DEFAULTS, START + minute * MINUTE, bytes(16)), [(0, tool, took)])
        assert slowness_cost(state, DEFAULTS) < 0.1


def test_creeping_does_not_pay() -> None:
    assert lived(8, lambda minute: 1.5 ** (minute / 1440))[-1] > 0.2


def test_nothing_is_said_of_the_first_calls() -> None:
    assert lived(49 / 1440, lambda minute: 100.0 if minute > 25 else 1.0)[-1] == 0.0


def test_of_a_big_batch_some_calls_are_looked_at() -> None:
    state = LatencyState()
    absorb_latencies(state, Context(DEFAULTS, START, bytes(16)), [(seq, 0, 10.0) for seq in range(1000)])
    assert state.calls <= 16


def test_the_last_slow_call_is_remembered() -> None:
    state = LatencyState()
    context = Context(DEFAULTS, START, bytes(16))
    absorb_latencies(state, context, [(0, 0, 100.0), (1, 0, 100.0), (2, 0, 1000.0), (3, 0, 100.0)])
    assert state.last_slow is not None
    assert state.last_slow.seq == 2


@given(st.lists(st.tuples(st.integers(0, 7), st.floats(0, 1e300), st.integers(0, DAY)), max_size=120))
def test_any_durations_keep_the_cost_in_bounds(calls: list[tuple[int, float, int]]) -> None:
    state, now = LatencyState(), START
    for tool, took, gap in calls:
        now += gap
        absorb_latencies(state, Context(DEFAULTS, now, bytes(16)), [(0, tool, took)])
        assert 0.0 <= slowness_cost(state, DEFAULTS) <= CAP
        assert slowness(state, DEFAULTS) < 100.0
        assert state.spread > 0.0
