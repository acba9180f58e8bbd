"""Expressions are written anew, with every name and value in quotes of our own."""

import pytest

from query_api.analyst_sql.refusal import RefusedSqlError
from tests.query_api.analyst_sql.compiled import compiled, expression


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a + b * -c", "(`a` + (`b` * negate(`c`)))"),
        ("a - b - c", "(`a` - `b` - `c`)"),
        ("a - (b - c)", "(`a` - ((`b` - `c`)))"),
        ("a AND b OR NOT c", "((`a` AND `b`) OR (NOT `c`))"),
        ("a == 1 /* x */ -- y", "(`a` = 1)"),
        ("a DIV 2 % 3", "(intDiv(`a`, 2) % 3)"),
        ("x BETWEEN 1 AND 2 AND y", "((`x` BETWEEN 1 AND 2) AND `y`)"),
        ("x NOT LIKE 'a%' AND y ILIKE 'b'", "((`x` NOT LIKE 'a%') AND (`y` ILIKE 'b'))"),
        ("x REGEXP 'a' AND y IS NOT NULL", "(match(`x`, 'a') AND (NOT isNull(`y`)))"),
        (
            "x IN (1, 2) OR (x, y) NOT IN ((1, 2))",
            "((`x` IN (1, 2)) OR (NOT (tuple(`x`, `y`) IN (tuple(1, 2)))))",
        ),
        ("x IN (SELECT 1)", "(`x` IN (SELECT 1))"),
        (
            "m['k'], a[1], t.1, (1, 2).2",
            "arrayElement(`m`, 'k'), arrayElement(`a`, 1), `t`.1, tupleElement(tuple(1, 2), 2)",
        ),
        ("a ? 1 : 2, if(a, 1, 2)", "if(`a`, 1, 2), if(`a`, 1, 2)"),
        ("CASE WHEN a THEN 1 ELSE 2 END", "CASE WHEN `a` THEN 1 ELSE 2 END"),
        ("CASE x WHEN 1 THEN 'a' END", "CASE `x` WHEN 1 THEN 'a' END"),
        (
            "INTERVAL 5 MINUTE, INTERVAL '2 days', INTERVAL n HOUR",
            "toIntervalMinute(5), toIntervalDay(2), toIntervalHour(`n`)",
        ),
        ("quantile(0.9)(x), count(DISTINCT a, b)", "quantile(0.9)(`x`), count(DISTINCT `a`, `b`)"),
        ("arrayMap((x, y) -> x + y, a, b)", "arrayMap((`x`, `y`) -> (`x` + `y`), `a`, `b`)"),
        ("map('a', 1), [], [1], (1,), ()", "map('a', 1), [], [1], tuple(1), tuple()"),
        ("'it''s', $$a'b$$, '\\x41\\n'", "'it\\'s', 'a\\'b', 'A\\n'"),
        ("0xFF, 1e3, 1_000, NULL, true, inf, NaN", "0xFF, 1e3, 1000, NULL, true, inf, nan"),
        ('`inf`, "a b", `größe`', "`inf`, `a b`, `größe`"),
        ("sum(x) FILTER (WHERE y)", "sum(`x`) FILTER (WHERE `y`)"),
        ("first_value(x) IGNORE NULLS", "first_value(`x`) IGNORE NULLS"),
        ("x::UInt8, DATE '2026-01-31'", "CAST(`x` AS UInt8), CAST('2026-01-31' AS Date)"),
        ("x AS y, EXISTS(SELECT 1)", "`x` AS `y`, EXISTS(SELECT 1)"),
    ],
)
def test_what_is_written(text: str, written: str) -> None:
    assert expression(text) == written


def test_stars_and_columns_of_a_table() -> None:
    assert compiled("SELECT * EXCEPT (a), agent_logs.*, promethios.agent_logs.level FROM agent_logs") == (
        "SELECT * EXCEPT (`a`), `agent_logs`.*, `agent_logs`.`level` FROM §"
    )


def test_a_named_subquery_may_stand_behind_in() -> None:
    assert compiled("WITH w AS (SELECT 1) SELECT 2 IN w, 3 IN (w)") == (
        "WITH `__cte_w` AS (SELECT 1) "
        "SELECT (2 IN (SELECT * FROM `__cte_w`)), (3 IN (SELECT * FROM `__cte_w`))"
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "{'a': 1}",
            "x IN y",
            "x IN (y)",
            "x IN ((y))",
            "x GLOBAL IN (1)",
            "x IN numbers(1)",
            "x IS 1",
            "COLUMNS('x')",
        ),
        *(
            "* APPLY(sum)",
            "{p:String}",
            "?",
            "@v",
            "'a' 'b'",
            "CAST(x, 'String')",
            "x -> x",
            "x.^y",
            "x.:String",
        ),
        *("INTERVAL 1 CENTURY", "x AT TIME ZONE 'UTC'", "x COLLATE 'en'", "`file`(1)", "a.b(1)", "x AS __y"),
        *(
            "arrayMap(tenant_id -> 1, [1])",
            "1 AS tenant_id",
            "* REPLACE (1 AS tenant_id)",
            "x = ANY (SELECT 1)",
        ),
    ],
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(RefusedSqlError):
        expression(text)
