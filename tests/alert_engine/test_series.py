"""A window holds what came in it, whenever it is asked, and never less than that."""

from hypothesis import given
from hypothesis import strategies as st

from alert_engine.series import Durations, Series, class_of, middle_of, percentile, sum_of
from schemas.alert_rules import WINDOW_PARTS
from schemas.totals_block import MOST
from tests.alert_engine.rules import MINUTE, START

WIDTH = 5000
WINDOW = WINDOW_PARTS * WIDTH
ARRIVALS = st.lists(st.tuples(st.integers(0, 3 * WINDOW), st.integers(1, 9)), max_size=40)


@given(ARRIVALS, st.integers(0, 5 * WINDOW))
def test_a_window_is_never_shorter_and_at_most_a_part_longer(
    arrivals: list[tuple[int, int]], later: int
) -> None:
    series = Series(WIDTH)
    for moment, amount in sorted(arrivals):
        series.add(moment, amount)
    now = max([moment for moment, _ in arrivals], default=0) + later
    total = series.total(now)
    assert total >= sum(amount for moment, amount in arrivals if moment > now - WINDOW)
    assert total <= sum(amount for moment, amount in arrivals if moment > now - WINDOW - WIDTH)
    assert len(series.parts) == len(series.sums) <= WINDOW_PARTS + 1


@given(ARRIVALS)
def test_a_window_on_the_grid_is_counted_exactly_while_it_is_kept(arrivals: list[tuple[int, int]]) -> None:
    series = Series(WIDTH)
    for moment, amount in sorted(arrivals):
        series.add(moment, amount)
    newest = max([moment for moment, _ in arrivals], default=0) // WINDOW
    expected = sum(amount for moment, amount in arrivals if moment // WINDOW == newest)
    assert series.total_of_window(newest) == expected


def test_sums_fit_64_bits() -> None:
    series = Series(WIDTH)
    for _ in range(3):
        series.add(START, MOST)
    assert series.total(START) == MOST


@given(st.floats(0.01, 1e9))
def test_a_class_says_a_duration_to_some_percent(milliseconds: float) -> None:
    assert abs(middle_of(class_of(milliseconds)) / milliseconds - 1) < 0.07


def test_durations_out_of_bounds_are_taken_for_the_nearest() -> None:
    assert class_of(0) == class_of(0.01)
    assert class_of(1e300) == class_of(1e9)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=200))
def test_a_percentile_is_that_of_the_classes(found: list[float]) -> None:
    counts: dict[int, int] = {}
    for one in found:
        counts[class_of(one)] = counts.get(class_of(one), 0) + 1
    value = percentile(counts, 95)
    assert sum(1 for one in found if class_of(one) <= class_of(value)) * 100 >= 95 * len(found)
    assert sum(1 for one in found if class_of(one) < class_of(value)) * 100 < 95 * len(found)


def test_durations_leave_the_window_as_counts_do() -> None:
    durations = Durations(WIDTH)
    durations.add(START, {1: 2})
    durations.add(START, {1: 1, 2: 1})
    durations.add(START + WIDTH, {2: 5})
    assert durations.total(START + WIDTH) == {1: 3, 2: 6}
    assert durations.total(START + WINDOW + WIDTH) == {2: 5}
    assert durations.total_of_window(START // WINDOW) == {1: 3, 2: 6}
    durations.add(START + 10 * MINUTE, {3: 1})
    assert (len(durations.parts), len(durations.classes)) == (1, 1)


def test_a_sum_is_a_sum() -> None:
    assert sum_of([]) == 0
    assert sum_of([1, 2, 3]) == 6
