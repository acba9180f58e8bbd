"""What can be seen."""

from query_api.analyst_sql.queries import query
from query_api.analyst_sql.scope import READABLE, STORED, Scope
from schemas.tables import MIGRATIONS_TABLE, Table
from schemas.views import View


def test_our_tables_and_views_can_be_read_and_nothing_else() -> None:
    assert set(map(str, View)) == READABLE - STORED
    assert set(map(str, Table)) | {"agent_logs_1m", "cost_ledger_1d"} <= STORED
    assert "agent_logs_1m_mv" not in READABLE
    assert MIGRATIONS_TABLE not in READABLE


def test_a_named_subquery_is_seen_behind_its_name_only() -> None:
    outer = Scope("acme", "promethios", query)
    assert outer.with_cte("w").ctes == {"w"}
    assert outer.ctes == frozenset()
    assert outer.is_table("alerts")
    assert not outer.is_table("w")
