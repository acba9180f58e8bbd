"""Shares of a day's cap: the largest of the caps that bind, and none of it the next day."""

from decimal import Decimal

from policy_engine.compiled import CompiledPolicy, compile_policy
from query_api.budget_shares import DAY, shares
from query_api.database import Row
from schemas.policy import CostCap, Policy, PolicyTerms

START = 1_800_000_000_000 // DAY * DAY


def policy(name: str, cap: CostCap | None, agents: tuple[str, ...] = ("*",)) -> CompiledPolicy:
    terms = PolicyTerms(agents=agents, daily_cost_cap=cap)
    return compile_policy(Policy("t", name, 1, terms, 1, "a", 1, "a"))


def row(who: str, after: int, money: str, currency: str = "USD") -> Row:
    return {"who": who, "moment": START + after, "currency": currency, "money": money}


CAPS = [
    policy("all", CostCap(Decimal(10), "USD")),
    policy("less", CostCap(Decimal(5), "USD"), ("b*",)),
    policy("euros", CostCap(Decimal(4), "EUR"), ("a",)),
    policy("none", None),
]


def found(*rows: Row, end: int = DAY - 1) -> dict[str, list[tuple[int, float]]]:
    return {
        agent_id: [(point.moment - START, point.amount) for point in points]
        for agent_id, points in shares(rows, CAPS, START + end)
    }


def test_what_was_spent_is_added_up_and_the_largest_share_counts() -> None:
    of_a = [row("a", 1, "1"), row("a", 2, "3", "EUR"), row("a", 3, "7.5"), row("a", 4, "9", "GBP")]
    assert found(*of_a, row("b", 1, "1")) == {"a": [(1, 0.1), (2, 0.75), (3, 0.85)], "b": [(1, 0.2)]}


def test_a_new_day_begins_with_nothing() -> None:
    spent = [row("a", 1, "8"), row("a", 2 * DAY + 5, "2")]
    expected = [(1, 0.8), (DAY, 0.0), (2 * DAY + 5, 0.2)]
    assert found(*spent, end=3 * DAY - 1) == {"a": expected}
    assert found(*spent, end=3 * DAY) == {"a": [*expected, (3 * DAY, 0.0)]}


def test_whom_no_policy_caps_has_no_share() -> None:
    assert list(shares([row("c", 1, "1")], CAPS[1:], START)) == []
    assert found(row("a", 1, "9", "GBP")) == {}
    assert list(shares([row("c", 1, "1")], [policy("nothing", CostCap(Decimal(0), "USD"))], START)) == []
