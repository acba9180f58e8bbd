"""Days and months of the calendar, in which spending is added up; pure."""

from datetime import date, timedelta

from query_api import errors
from runtime.problems import ProblemError
from schemas.budgets import BudgetPeriod

# How long totals are kept.
_MOST_DAYS = 400
_DEFAULT_DAYS = {BudgetPeriod.DAY: 30, BudgetPeriod.MONTH: 366}


def first_day(day: date, period: BudgetPeriod) -> date:
    """The first day of the period that a day is in."""
    return day.replace(day=1) if period is BudgetPeriod.MONTH else day


def day_after(day: date, period: BudgetPeriod) -> date:
    """The first day of the period after the one that a day is in."""
    if period is BudgetPeriod.DAY:
        return day + timedelta(days=1)
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def choose(start: date | None, end: date | None, period: BudgetPeriod, today: date) -> tuple[date, date]:
    """The first day and the day after the last, of whole periods; the last ones where nothing is said.

    Raises:
        ProblemError: INVALID; it ends before it begins, or is longer than totals are kept.
    """
    last = today if end is None else end - timedelta(days=1)
    start = last - timedelta(days=_DEFAULT_DAYS[period] - 1) if start is None else start
    if start > last:
        raise _invalid("from", "must be before `to`, which is tomorrow where it is left out")
    if (last - start).days >= _MOST_DAYS:
        raise _invalid("from", f"must be at most {_MOST_DAYS} days before `to`: totals are kept no longer")
    return first_day(start, period), day_after(last, period)


def _invalid(field: str, reason: str) -> ProblemError:
    return ProblemError(
        errors.INVALID,
        "See `errors` for each field.",
        [{"in": "query", "field": field, "reason": reason}],
    )
