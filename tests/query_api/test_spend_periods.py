"""Days and months of the calendar: ranges are of whole ones, and no longer than totals are kept."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.spend_periods import choose, day_after, first_day
from runtime.problems import ProblemError
from schemas.budgets import BudgetPeriod

TODAY = date(2026, 3, 15)
DAY, MONTH = BudgetPeriod.DAY, BudgetPeriod.MONTH


@given(st.dates(date(1970, 1, 1), date(2148, 12, 31)), st.sampled_from(BudgetPeriod))
def test_periods_follow_one_another_without_a_gap(day: date, period: BudgetPeriod) -> None:
    following = day_after(day, period)
    assert first_day(day, period) <= day < following
    assert first_day(following, period) == following
    assert first_day(following - timedelta(days=1), period) == first_day(day, period)


def test_the_last_month_or_year_where_nothing_is_said() -> None:
    assert choose(None, None, DAY, TODAY) == (date(2026, 2, 14), date(2026, 3, 16))
    assert choose(None, None, MONTH, TODAY) == (date(2025, 3, 1), date(2026, 4, 1))


def test_a_range_that_cuts_months_is_of_whole_ones() -> None:
    assert choose(date(2026, 1, 31), date(2026, 2, 2), MONTH, TODAY) == (date(2026, 1, 1), date(2026, 3, 1))
    assert choose(date(2026, 1, 31), date(2026, 2, 1), MONTH, TODAY) == (date(2026, 1, 1), date(2026, 2, 1))
    assert choose(date(2026, 1, 31), date(2026, 2, 1), DAY, TODAY) == (date(2026, 1, 31), date(2026, 2, 1))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 3, 16), None),
        (date(2026, 3, 1), date(2026, 3, 1)),
        (date(2026, 3, 2), date(2026, 3, 1)),
        (date(2025, 2, 7), date(2026, 3, 15)),
    ],
)
def test_what_has_no_day_or_too_many_is_refused(start: date, end: date | None) -> None:
    with pytest.raises(ProblemError) as refused:
        choose(start, end, DAY, TODAY)
    assert [error["field"] for error in refused.value.errors] == ["from"]
    choose(start - timedelta(days=1) if end is None else end - timedelta(days=400), end, DAY, TODAY)
