"""Nothing that a node carries goes unnoticed."""

import pytest
from sqlglot import exp

from query_api.analyst_sql.nodes import children, not_allowed, only
from query_api.analyst_sql.refusal import RefusedSqlError


def test_more_than_the_known_is_refused() -> None:
    node = exp.Select(expressions=[exp.Null()], settings=[exp.Null()])
    with pytest.raises(RefusedSqlError, match="SETTINGS is not allowed in SELECT"):
        only(node, "expressions")
    only(node, "expressions", "settings")
    only(exp.Select(expressions=[exp.Null()], settings=[], limit=None), "expressions")


def test_children_are_a_list_whatever_was_there() -> None:
    one = exp.Null()
    assert children(exp.Select(joins=[one]), "joins") == [one]
    assert children(exp.Select(joins=one), "joins") == [one]
    assert children(exp.Select(), "joins") == []


def test_a_refusal_names_the_part() -> None:
    assert str(not_allowed(exp.Placeholder())) == "A parameter is not allowed in analysts' SQL."
    assert str(not_allowed(exp.Collate())) == "COLLATE is not allowed in analysts' SQL."
    assert str(not_allowed(None)) == "This is not allowed in analysts' SQL."
