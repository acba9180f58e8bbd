"""SELECT with its clauses, WITH, and UNION."""

import pytest

from query_api.analyst_sql.refusal import RefusedSqlError
from tests.query_api.analyst_sql.compiled import compiled


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("SELECT DISTINCT a FROM agent_logs", "SELECT DISTINCT `a` FROM §"),
        ("SELECT DISTINCT ON (a, b) c FROM agent_logs", "SELECT DISTINCT ON (`a`, `b`) `c` FROM §"),
        ("FROM agent_logs SELECT a", "SELECT `a` FROM §"),
        ("SELECT a FROM agent_logs WHERE b PREWHERE c", "SELECT `a` FROM § WHERE (`c`) AND (`b`)"),
        ("SELECT a FROM agent_logs GROUP BY a HAVING b", "SELECT `a` FROM § GROUP BY `a` HAVING `b`"),
        ("SELECT a FROM agent_logs QUALIFY b = 1", "SELECT `a` FROM § QUALIFY (`b` = 1)"),
        ("SELECT a FROM agent_logs ORDER BY a LIMIT 2, 3", "SELECT `a` FROM § ORDER BY `a` LIMIT 3 OFFSET 2"),
        ("SELECT a FROM agent_logs LIMIT 1 BY a", "SELECT `a` FROM § LIMIT 1 BY `a`"),
        (
            "SELECT a FROM agent_logs ORDER BY a LIMIT 1 WITH TIES",
            "SELECT `a` FROM § ORDER BY `a` LIMIT 1 WITH TIES",
        ),
        (
            "SELECT 1 UNION ALL SELECT 2 UNION DISTINCT SELECT 3",
            "SELECT 1 UNION ALL SELECT 2 UNION DISTINCT SELECT 3",
        ),
        ("(SELECT 1) EXCEPT SELECT 2", "(SELECT 1) EXCEPT SELECT 2"),
        ("SELECT 1 INTERSECT DISTINCT SELECT 2;", "SELECT 1 INTERSECT DISTINCT SELECT 2"),
        (
            "WITH 1 AS a, w AS (SELECT a) SELECT * FROM w",
            "WITH 1 AS `a`, `__cte_w` AS (SELECT `a`) SELECT * FROM `__cte_w` AS `w`",
        ),
        (
            "WITH w AS (SELECT 1) SELECT * FROM w UNION ALL SELECT * FROM w",
            (
                "WITH `__cte_w` AS (SELECT 1) SELECT * FROM `__cte_w` AS `w` "
                "UNION ALL SELECT * FROM `__cte_w` AS `w`"
            ),
        ),
        (
            "SELECT (SELECT 1), a FROM (SELECT a FROM agent_logs)",
            "SELECT (SELECT 1), `a` FROM (SELECT `a` FROM §)",
        ),
    ],
)
def test_what_is_written(text: str, written: str) -> None:
    assert compiled(text) == written


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 SETTINGS a = 1",
        "SELECT 1 FORMAT JSON",
        "SELECT 1 UNION SELECT 2",
        "WITH RECURSIVE w AS (SELECT 1) SELECT 1",
        "WITH w AS MATERIALIZED (SELECT 1) SELECT 1",
        "WITH alerts AS (SELECT 1) SELECT 1",
        "WITH tenant_id AS (SELECT 1) SELECT 1",
        "WITH 1 AS tenant_id SELECT 1",
        "WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT 1",
        "SELECT 1 FROM (WITH w AS (SELECT 1) SELECT 1), w",
        "SELECT 1 FROM agent_logs LIMIT 1 OFFSET 1 BY a",
        "SELECT 1 FOR UPDATE",
        "SELECT 1 INTO OUTFILE 'x'",
    ],
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(RefusedSqlError):
        compiled(text)
