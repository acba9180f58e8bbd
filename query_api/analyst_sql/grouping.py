"""GROUP BY, with ROLLUP, CUBE, GROUPING SETS, TOTALS and ALL."""

from sqlglot import exp

from query_api.analyst_sql.expressions import expression, expressions
from query_api.analyst_sql.nodes import children, only
from query_api.analyst_sql.scope import Scope

_MODIFIERS: dict[type[exp.Expr], str] = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE"}


def group_by(node: exp.Group, scope: Scope) -> str:
    """The whole clause.

    Raises:
        RefusedSqlError: a part of it is not known to be safe.
    """
    only(node, "expressions", "all", "totals", "rollup", "cube")
    keys = "ALL" if node.args.get("all") else ", ".join(_key(part, scope) for part in node.expressions)
    behind = ""
    for key in ("rollup", "cube"):
        for modifier in children(node, key):
            only(modifier)
            behind += f" WITH {key.upper()}"
    return f"GROUP BY {keys}{behind}" + (" WITH TOTALS" if node.args.get("totals") else "")


def _key(node: exp.Expr, scope: Scope) -> str:
    if type(node) in _MODIFIERS:
        only(node, "expressions")
        return f"{_MODIFIERS[type(node)]}({expressions(node.expressions, scope)})"
    if isinstance(node, exp.GroupingSets):
        only(node, "expressions")
        return f"GROUPING SETS ({', '.join(_set(part, scope) for part in node.expressions)})"
    return expression(node, scope)


def _set(node: exp.Expr, scope: Scope) -> str:
    parts = node.expressions if isinstance(node, exp.Tuple) else [node.unnest()]
    return f"({expressions(parts, scope)})"
