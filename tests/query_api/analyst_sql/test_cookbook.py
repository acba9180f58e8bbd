"""Each question of the cookbook can be asked through the query API, as the cookbook says."""

import re
from pathlib import Path

import pytest

from query_api.analyst_sql.compiling import compile_sql

_QUESTIONS = re.findall(
    r"```sql\n(.*?)```", Path("docs/sql-cookbook.md").read_text(encoding="utf-8"), flags=re.DOTALL
)


def test_there_are_twenty() -> None:
    assert len(_QUESTIONS) >= 20


@pytest.mark.parametrize("question", _QUESTIONS)
def test_a_question_may_be_asked(question: str) -> None:
    assert "__source.tenant_id = 'acme'" in compile_sql(question, "acme", "promethios")
