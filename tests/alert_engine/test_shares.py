"""What a request adds to rules over many agents is what its tally grew by."""

from hypothesis import given
from hypothesis import strategies as st

from alert_engine.counters import COUNTERS, EVENTS, FAILURES
from alert_engine.shares import Amounts, added_since, keys_of, mark_of, membership_of
from schemas.totals_block import MOST

COUNTS = st.lists(st.integers(0, MOST), min_size=COUNTERS, max_size=COUNTERS)
AMOUNTS = st.builds(
    Amounts, COUNTS, st.dictionaries(st.sampled_from(["spend/USD", "spend/EUR"]), COUNTS.map(max))
)


def test_a_request_adds_its_rows_and_what_was_counted_of_them() -> None:
    counters, money = [0] * COUNTERS, {"spend/USD": 7}
    counters[EVENTS] = 12
    mark = mark_of(counters, money, rows=2)
    counters[FAILURES] += 1
    money["spend/USD"] += 3
    money["spend/EUR"] = 4
    added = added_since(mark, counters, money)
    assert {place: amount for place, amount in enumerate(added.counters) if amount} == {
        EVENTS: 2,
        FAILURES: 1,
    }
    assert added.money == {"spend/USD": 3, "spend/EUR": 4}
    assert added_since(mark, counters, None).money == {}


def test_a_request_without_money_adds_none_of_what_came_before() -> None:
    counters, money = [1] * COUNTERS, {"spend/USD": 7}
    assert added_since(mark_of(counters, money, 1), counters, money).money == {}


@given(AMOUNTS, AMOUNTS)
def test_sums_fit_64_bits_and_nothing_is_less_than_nothing(one: Amounts, other: Amounts) -> None:
    both = Amounts()
    both.add(one)
    both.add(other)
    assert max(both.counters) <= MOST
    assert all(amount <= MOST for amount in both.money.values())
    assert both.counters == [min(MOST, a + b) for a, b in zip(one.counters, other.counters, strict=True)]
    left = one.less(other)
    assert left.counters == [max(0, a - b) for a, b in zip(one.counters, other.counters, strict=True)]
    assert all(amount > 0 for amount in left.money.values())


@given(st.lists(st.from_regex(r"\A[a-z0-9]{1,8}/[0-9]{1,3}\Z"), min_size=1, unique=True))
def test_a_membership_names_its_rules(keys: list[str]) -> None:
    assert keys_of(membership_of(keys)) == keys
