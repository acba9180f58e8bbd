"""What is read from: tables behind their filter."""

import pytest

from query_api.analyst_sql.refusal import RefusedSqlError
from tests.query_api.analyst_sql.compiled import behind_logs, compiled


def test_a_table_is_read_behind_the_filter_of_the_tenant() -> None:
    assert compiled("SELECT 1 FROM agent_logs") == ("SELECT 1 FROM §")
    assert compiled("SELECT 1 FROM promethios.trust_scores AS t FINAL") == (
        "SELECT 1 FROM (SELECT __source.* FROM `promethios`.`trust_scores` AS __source FINAL "
        "PREWHERE __source.tenant_id = 'acme') AS `t`"
    )


def test_a_view_is_filtered_by_where() -> None:
    assert compiled("SELECT 1 FROM fleet_health h") == (
        "SELECT 1 FROM (SELECT __source.* FROM `promethios`.`fleet_health` AS __source "
        "WHERE __source.tenant_id = 'acme') AS `h`"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("JOIN agent_logs USING (a, b)", "JOIN § USING (`a`, `b`)"),
        ("LEFT ANY JOIN agent_logs ON a = b", "LEFT ANY JOIN § ON (`a` = `b`)"),
        ("FULL JOIN agent_logs USING a", "FULL JOIN § USING (`a`)"),
        (
            "ASOF LEFT JOIN agent_logs ON a = b AND c >= d",
            "LEFT ASOF JOIN § ON ((`a` = `b`) AND (`c` >= `d`))",
        ),
        ("CROSS JOIN (SELECT 1) AS x", "CROSS JOIN (SELECT 1) AS `x`"),
        (", agent_logs", "CROSS JOIN §"),
        ("ARRAY JOIN a AS x, b", "ARRAY JOIN `a` AS `x`, `b`"),
        ("LEFT ARRAY JOIN a", "LEFT ARRAY JOIN `a`"),
    ],
)
def test_joins(text: str, written: str) -> None:
    assert behind_logs(text) == written


def test_a_named_subquery_is_read_by_a_name_that_no_table_has() -> None:
    assert compiled("WITH w AS (SELECT 1) SELECT 1 FROM w JOIN w AS x ON 1") == (
        "WITH `__cte_w` AS (SELECT 1) SELECT 1 FROM `__cte_w` AS `w` JOIN `__cte_w` AS `x` ON 1"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("numbers(1)", "file('x')", "'x'", "system.one", "other.agent_logs", "a.promethios.agent_logs", "w"),
        *("agent_logs SAMPLE 1", "agent_logs AS x(y)", "(agent_logs)", "VALUES (1)", "fleet_health FINAL"),
        *("agent_logs AS tenant_id", "agent_logs AS __x", "(SELECT 1) FINAL", "agent_logs PASTE JOIN alerts"),
        *("agent_logs GLOBAL JOIN alerts USING a", "agent_logs NATURAL JOIN alerts", "`agent_logs `"),
    ],
)
def test_what_is_no_table_of_ours_is_refused(text: str) -> None:
    with pytest.raises(RefusedSqlError):
        compiled(f"SELECT 1 FROM {text}")  # noqa: S608 - constants
