"""An agent's day adds up to the last digit, by what it is charged to, and stays within its bounds."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from schemas.messages.cost import MAX_AMOUNT, cost_units
from schemas.timestamps import month_of
from stream_processors.rules.evidence import CostRow
from stream_processors.rules.ledger import (
    MOST_LINES,
    OTHERS,
    FigureKey,
    Ledger,
    LedgerPeriod,
    Sum,
    add_up,
    by_currency,
    money_of,
    sums_of,
    turn_to,
)
from tests.stream_processors.rules.log_builder import DAY, START

UNIT = cost_units(Decimal(1))


def tool(amount: str, currency: str = "USD", center: str = "") -> CostRow:
    return CostRow("tool_cost", Decimal(amount), currency, cost_center=center)


def tokens(amount: int, cost: str | None = None, version: int | None = None) -> CostRow:
    price = None if cost is None else Decimal(cost)
    return CostRow("tokens_in", Decimal(amount), "" if cost is None else "USD", price, version)


def test_what_money_an_entry_is() -> None:
    assert money_of(tool("2.5")) == Decimal("2.5")
    assert money_of(tokens(1000, "0.003")) == Decimal("0.003")
    assert money_of(tokens(1000)) is None


def test_a_request_is_added_up_by_cost_centre_currency_and_price() -> None:
    rows = [tool("1"), tool("2", center="lab"), tool("3"), tool("4", "EUR"), tokens(10, "0.5", 7)]
    assert sums_of(rows) == {
        FigureKey("", "USD", 0): Sum(2, 4 * UNIT),
        FigureKey("lab", "USD", 0): Sum(1, 2 * UNIT),
        FigureKey("", "EUR", 0): Sum(1, 4 * UNIT),
        FigureKey("", "USD", 7): Sum(1, UNIT // 2),
    }


def test_what_has_no_price_is_counted_without_an_amount() -> None:
    rows = [tokens(1840), tokens(160), CostRow("compute_seconds", Decimal(9)), tool("1", "")]
    assert sums_of(rows) == {FigureKey("", "", 0): Sum(4, 0, 2000 * UNIT)}


def test_a_month_adds_up_money_whatever_its_price() -> None:
    sums = sums_of([tool("1"), tokens(10, "0.5", 7), tokens(9), tool("2", "EUR", "lab")])
    assert by_currency(sums) == {
        FigureKey("", "USD", 0): Sum(2, 3 * UNIT // 2),
        FigureKey("lab", "EUR", 0): Sum(1, 2 * UNIT),
    }


def test_what_is_spent_this_month() -> None:
    ledger = Ledger()
    assert not ledger.spent_this_month(START)
    ledger.months.append(LedgerPeriod(month_of(START // DAY)))
    assert ledger.spent_this_month(START)
    assert not ledger.spent_this_month(START + 31 * DAY)


def test_a_ledger_keeps_the_last_two_days_that_it_has_seen() -> None:
    days: list[LedgerPeriod] = []
    first, dropped = turn_to(days, 5)
    assert (turn_to(days, 5), dropped) == ((first, []), [])
    assert turn_to(days, 9)[1] == []
    today, dropped = turn_to(days, 10)
    assert (today, dropped, [day.number for day in days]) == (days[-1], [first], [9, 10])


@given(st.lists(st.decimals(0, MAX_AMOUNT, places=12), min_size=1, max_size=20), st.integers(1, 5))
def test_no_digit_is_lost(amounts: list[Decimal], size: int) -> None:
    day = LedgerPeriod(1)
    for start in range(0, len(amounts), size):
        rows = [tool(str(amount)) for amount in amounts[start : start + size]]
        for _ in add_up(day, sums_of(rows), start):
            pass
    (line,) = day.lines
    assert line.sum == Sum(len(amounts), sum(map(cost_units, amounts)))
    assert line.changed_at == (len(amounts) - 1) // size * size


def test_made_up_cost_centres_share_one_line_and_made_up_currencies_lose_their_amount() -> None:
    day = LedgerPeriod(1)
    centers = [tool("1", center=f"c{number}") for number in range(3 * MOST_LINES)]
    currencies = [
        tool("1", f"{first}{second}X", "c") for first in "ABCDEFGH" for second in "ABCDEFGHIJKLMNOP"
    ]
    added = list(add_up(day, sums_of(centers), 1)) + list(add_up(day, sums_of(currencies), 2))
    assert len(day.lines) == 2 * MOST_LINES + 1
    lines = {line.key: line.sum for line in day.lines}
    assert lines[FigureKey("c0", "USD", 0)] == Sum(1, UNIT)
    assert lines[FigureKey(OTHERS, "USD", 0)] == Sum(2 * MOST_LINES, 2 * MOST_LINES * UNIT)
    assert lines[FigureKey(OTHERS, "", 0)].money == 0
    assert sum(line.entries for line in lines.values()) == len(centers) + len(currencies)
    # What was added is what stands there, line by line.
    again: dict[FigureKey, Sum] = {}
    for key, part in added:
        again[key] = again.get(key, Sum()).plus(part)
    assert again == lines
    assert Sum(3, 2, 1).minus(Sum(1, 1, 1)) == Sum(2, 1, 0)
