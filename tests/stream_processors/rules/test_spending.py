"""K: burning more than usual in a short and a longer window; regular peaks and young agents pay nothing."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.context import Context
from stream_processors.rules.evidence import CostRow
from stream_processors.rules.spending import SpendingState, absorb_costs, read_burn
from tests.stream_processors.rules.log_builder import DAY, HOUR, MINUTE, START

CAP = DEFAULTS.parameters.spending.cap
STEP = 10 * MINUTE


def spend(state: SpendingState, now: int, amount: float, metric: str = "tokens_out") -> None:
    row = CostRow(metric, Decimal(str(amount)))
    absorb_costs(state, Context(DEFAULTS, now, bytes(16)), [row])


def lived(days: int, rate: Callable[[int], float]) -> list[float]:
    """K at each step of a life, `rate` giving what is spent at an hour since the start."""
    state, costs = SpendingState(), []
    for step in range(days * DAY // STEP):
        now = START + step * STEP
        spend(state, now, rate(step * STEP // HOUR))
        costs.append(read_burn(state, DEFAULTS, now).nats)
    return costs


def test_a_steady_spender_pays_nothing() -> None:
    assert max(lived(10, lambda _: 100.0)) == 0.0


def test_a_nightly_job_is_usual_after_the_first_nights() -> None:
    costs = lived(14, lambda hour: 100.0 if hour % 24 == 3 else 1.0)
    assert max(costs[7 * 144 :]) < 0.05


def test_ten_times_the_usual_costs_within_hours() -> None:
    costs = lived(8, lambda hour: 1000.0 if hour >= 7 * 24 else 100.0)
    begins = 7 * 144
    assert max(costs[:begins]) == 0.0
    assert costs[begins + 6] == 0.0, "a short blip is none"
    assert costs[begins + 6 * 6] > 0.2


def test_it_stops_costing_soon_after_it_stopped() -> None:
    costs = lived(9, lambda hour: 1000.0 if 7 * 24 <= hour < 7 * 24 + 8 else 100.0)
    assert costs[7 * 144 + 8 * 6 + 12] == 0.0


def test_what_is_usual_has_to_be_known_first() -> None:
    assert max(lived(1, lambda hour: 1000.0 if hour > 12 else 1.0)) == 0.0


def test_metrics_do_not_add_up() -> None:
    state = SpendingState()
    for step in range(3 * DAY // STEP):
        now = START + step * STEP
        spend(state, now, 1000.0)
        spend(state, now, 0.001 if step < 2 * DAY // STEP else 0.02, "tool_cost")
    assert read_burn(state, DEFAULTS, now).times > 3.0


def test_an_unknown_metric_counts_for_nothing_and_the_last_entry_is_remembered() -> None:
    state = SpendingState()
    absorb_costs(
        state,
        Context(DEFAULTS, START, bytes(16)),
        [CostRow("tokens_in", Decimal(1)), CostRow("new_metric", Decimal(9))],
    )
    assert state.last_entry is not None
    assert state.last_entry.seq == 0


@given(
    st.lists(st.tuples(st.decimals(0, 10**15, places=3), st.integers(0, 3 * DAY)), max_size=60),
    st.integers(0, 900 * DAY),
)
def test_any_amounts_keep_the_cost_in_bounds(entries: list[tuple[Decimal, int]], later: int) -> None:
    state, now = SpendingState(), START
    for amount, gap in entries:
        now += gap
        absorb_costs(state, Context(DEFAULTS, now, bytes(16)), [CostRow("tool_cost", amount)])
        assert 0.0 <= read_burn(state, DEFAULTS, now).nats <= CAP
    assert 0.0 <= read_burn(state, DEFAULTS, now + later).nats <= CAP


@pytest.mark.parametrize("amount", [0.0, 1e-12])
def test_spending_next_to_nothing_is_no_division_by_zero(amount: float) -> None:
    assert max(lived(3, lambda _: amount)) == 0.0
