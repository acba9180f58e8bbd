"""OVER, WINDOW and ORDER BY."""

import pytest

from query_api.analyst_sql.refusal import RefusedSqlError
from tests.query_api.analyst_sql.compiled import behind_logs, compiled, expression


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("PARTITION BY a, b ORDER BY c DESC", "PARTITION BY `a`, `b` ORDER BY `c` DESC"),
        ("ORDER BY a ROWS 2 PRECEDING", "ORDER BY `a` ROWS BETWEEN 2 PRECEDING AND CURRENT ROW"),
        (
            "ORDER BY a RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING",
            "ORDER BY `a` RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING",
        ),
    ],
)
def test_windows(text: str, written: str) -> None:
    assert expression(f"sum(x) OVER ({text})") == f"sum(`x`) OVER ({written})"


def test_a_window_may_be_named() -> None:
    assert compiled("SELECT sum(x) OVER w FROM agent_logs WINDOW w AS (ORDER BY y)") == (
        "SELECT sum(`x`) OVER `w` FROM § WINDOW `w` AS (ORDER BY `y`)"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a, b DESC NULLS FIRST", "`a`, `b` DESC NULLS FIRST"),
        ("a NULLS LAST", "`a`"),
        ("ALL", "ALL"),
        ("all DESC", "ALL DESC"),
        ("`all`", "`all`"),
        ("a WITH FILL FROM 1 TO 9 STEP 2", "`a` WITH FILL FROM 1 TO 9 STEP 2"),
    ],
)
def test_order(text: str, written: str) -> None:
    assert behind_logs(f"ORDER BY {text}") == f"ORDER BY {written}"


@pytest.mark.parametrize("text", ["a COLLATE 'en'", "file('x')", "a WITH FILL STEP file('x')"])
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(RefusedSqlError):
        behind_logs(f"ORDER BY {text}")
