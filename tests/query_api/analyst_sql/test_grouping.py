"""GROUP BY and its kin."""

import pytest

from query_api.analyst_sql.refusal import RefusedSqlError
from tests.query_api.analyst_sql.compiled import behind_logs, compiled


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a, b", "`a`, `b`"),
        ("ALL", "ALL"),
        ("ROLLUP(a, b)", "ROLLUP(`a`, `b`)"),
        ("CUBE(a)", "CUBE(`a`)"),
        ("a WITH ROLLUP", "`a` WITH ROLLUP"),
        ("a WITH CUBE", "`a` WITH CUBE"),
        ("a WITH TOTALS", "`a` WITH TOTALS"),
        ("GROUPING SETS ((a, b), (c), ())", "GROUPING SETS ((`a`, `b`), (`c`), ())"),
    ],
)
def test_what_is_written(text: str, written: str) -> None:
    assert behind_logs(f"GROUP BY {text}") == f"GROUP BY {written}"


def test_keys_are_checked() -> None:
    with pytest.raises(RefusedSqlError):
        compiled("SELECT 1 FROM agent_logs GROUP BY ROLLUP(file('x'))")
