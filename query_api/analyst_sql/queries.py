"""Queries, written anew: SELECT with its clauses, WITH, and UNION and its kin."""

from sqlglot import exp

from query_api.analyst_sql import words
from query_api.analyst_sql.expressions import expression, expressions
from query_api.analyst_sql.grouping import group_by
from query_api.analyst_sql.nodes import children, not_allowed, only
from query_api.analyst_sql.refusal import forbidden
from query_api.analyst_sql.scope import CTE_PREFIX, Scope
from query_api.analyst_sql.sources import join, source
from query_api.analyst_sql.windows import named_window, order_by

_CLAUSES = (
    *("with_", "distinct", "expressions", "from_", "joins", "prewhere", "where", "group", "having"),
    *("qualify", "windows", "order", "limit", "offset"),
)
_SET_OPERATIONS: dict[type[exp.Expr], str] = {
    exp.Union: "UNION",
    exp.Except: "EXCEPT",
    exp.Intersect: "INTERSECT",
}


def query(node: exp.Expr, scope: Scope) -> str:
    """A query as ClickHouse is to read it, every table behind the filter of the scope's tenant.

    Raises:
        RefusedSqlError: a part of it is not known to be safe.
    """
    if isinstance(node, exp.Select):
        return _select(node, scope)
    if isinstance(node, exp.Subquery):
        only(node, "this")
        return f"({query(node.this, scope)})"
    if type(node) in _SET_OPERATIONS:
        return _set_operation(node, scope)
    raise not_allowed(node)


def _set_operation(node: exp.Expr, scope: Scope) -> str:
    only(node, "with_", "this", "distinct", "expression")
    before, scope = _with(node, scope)
    word = _SET_OPERATIONS[type(node)]
    if word == "UNION":
        word += " DISTINCT" if node.args.get("distinct") else " ALL"
    elif node.args.get("distinct"):
        word += " DISTINCT"
    return f"{before}{query(node.this, scope)} {word} {query(node.expression, scope)}"


def _select(node: exp.Select, scope: Scope) -> str:
    only(node, *_CLAUSES)
    before, scope = _with(node, scope)
    parts = [f"{before}SELECT{_distinct(node.args.get('distinct'), scope)}"]
    parts.append(expressions(node.expressions, scope))
    if node.args.get("from_") is not None:
        only(node.args["from_"], "this")
        parts.append(f"FROM {source(node.args['from_'].this, scope)}")
    parts += [join(part, scope) for part in children(node, "joins")]
    conditions = [node.args[key] for key in ("prewhere", "where") if node.args.get(key) is not None]
    if conditions:
        parts.append("WHERE " + " AND ".join(f"({_condition(part, scope)})" for part in conditions))
    if node.args.get("group") is not None:
        parts.append(group_by(node.args["group"], scope))
    if node.args.get("having") is not None:
        parts.append(f"HAVING {_condition(node.args['having'], scope)}")
    if children(node, "windows"):
        named = [named_window(part, scope, expression) for part in children(node, "windows")]
        parts.append(f"WINDOW {', '.join(named)}")
    if node.args.get("qualify") is not None:
        parts.append(f"QUALIFY {_condition(node.args['qualify'], scope)}")
    if node.args.get("order") is not None:
        parts.append(order_by(node.args["order"], scope, expression))
    return " ".join([*parts, *_limits(node, scope)])


def _condition(clause: exp.Expr, scope: Scope) -> str:
    only(clause, "this")
    return expression(clause.this, scope)


def _distinct(node: exp.Distinct | None, scope: Scope) -> str:
    if node is None:
        return ""
    only(node, "on")
    on = node.args.get("on")
    if on is None:
        return " DISTINCT"
    return f" DISTINCT ON ({expressions(on.expressions if isinstance(on, exp.Tuple) else [on], scope)})"


def _limits(node: exp.Select, scope: Scope) -> list[str]:
    limit, offset = node.args.get("limit"), node.args.get("offset")
    written = []
    by = ""
    if limit is not None:
        if not isinstance(limit, exp.Limit):
            raise not_allowed(limit)
        only(limit, "expression", "expressions", "limit_options")
        by = f" BY {expressions(limit.expressions, scope)}" if limit.expressions else ""
        written.append(f"LIMIT {expression(limit.expression, scope)}")
    if offset is not None:
        only(offset, "expression")
        if by:
            raise forbidden("LIMIT BY stands without OFFSET.")
        written.append(f"OFFSET {expression(offset.expression, scope)}")
    if limit is not None and limit.args.get("limit_options") is not None:
        only(limit.args["limit_options"], "with_ties")
        written.append("WITH TIES")
    return [" ".join(written) + by] if written else []


def _with(node: exp.Expr, scope: Scope) -> tuple[str, Scope]:
    """The clause WITH, and what the rest can see behind it."""
    clause = node.args.get("with_")
    if clause is None:
        return "", scope
    if clause.args.get("recursive"):
        raise forbidden("WITH RECURSIVE is not allowed.")
    only(clause, "expressions")
    parts = []
    for part in clause.expressions:
        if not isinstance(part, exp.CTE):
            raise not_allowed(part)
        only(part, "this", "alias", "scalar")
        only(part.args["alias"], "this")
        named = words.plain_name(part.args["alias"].this)
        if part.args.get("scalar"):
            parts.append(f"{expression(part.this, scope)} AS {words.new_name(named)}")
            continue
        if scope.is_table(named) or named.lower() == words.TENANT_COLUMN:
            raise forbidden(f"WITH may not name {named} anew: choose another name.")
        parts.append(f"`{CTE_PREFIX}{named}` AS ({query(part.this, scope)})")
        scope = scope.with_cte(named)
    return f"WITH {', '.join(parts)} ", scope
