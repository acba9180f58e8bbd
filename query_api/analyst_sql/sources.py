"""What a query reads from: tables behind the filter of the tenant, subqueries, and their joins."""

from sqlglot import exp

from query_api.analyst_sql import words
from query_api.analyst_sql.expressions import expression, expressions
from query_api.analyst_sql.nodes import not_allowed, only
from query_api.analyst_sql.refusal import forbidden
from query_api.analyst_sql.scope import CTE_PREFIX, READABLE, STORED, Scope

_SIDES = (None, "LEFT", "RIGHT", "FULL")
_KINDS = (None, "INNER", "OUTER", "CROSS", "ANY", "ALL", "SEMI", "ANTI", "ASOF")
_SOURCE = f"{words.RESERVED}source"


def source(node: object, scope: Scope) -> str:
    """One table, named subquery or subquery in FROM or JOIN.

    Raises:
        RefusedSqlError: analysts cannot read from it.
    """
    if isinstance(node, exp.Final):
        only(node, "this")
        if not isinstance(node.this, exp.Table):
            raise forbidden("FINAL stands behind a table.")
        return _table(node.this, scope, final=True)
    if isinstance(node, exp.Table):
        return _table(node, scope, final=False)
    if isinstance(node, exp.Subquery):
        only(node, "this", "alias")
        return f"({scope.write_query(node.this, scope)})" + _as(_alias_of(node))
    raise not_allowed(node)


def join(node: exp.Join, scope: Scope) -> str:
    """One join with its condition.

    Raises:
        RefusedSqlError: it is none that analysts may use.
    """
    side, kind = node.args.get("side") or None, node.args.get("kind") or None
    if side not in _SIDES or (kind not in _KINDS and kind != "ARRAY"):
        raise forbidden(f"A {side or ''} {kind or ''} JOIN is not allowed.")
    before = " ".join(word for word in (side, kind) if word)
    if kind == "ARRAY":
        only(node, "this", "side", "kind", "expressions")
        return f"{before} JOIN {expressions([node.this, *node.expressions], scope)}"
    only(node, "this", "side", "kind", "on", "using")
    written = f"{before} JOIN {source(node.this, scope)}".lstrip()
    if node.args.get("using"):
        return f"{written} USING ({', '.join(words.name(column) for column in node.args['using'])})"
    condition = node.args.get("on")
    return written if condition is None else f"{written} ON {expression(condition, scope)}"


def _table(node: exp.Table, scope: Scope, *, final: bool) -> str:
    only(node, "this", "db", "alias")
    if not isinstance(node.this, exp.Identifier):
        raise forbidden("Table functions are not allowed: read from our tables and views.")
    named = words.plain_name(node.this)
    alias = _alias_of(node) or named
    database = node.args.get("db")
    if database is None and named in scope.ctes and not final:
        return f"`{CTE_PREFIX}{named}`{_as(alias)}"
    if not scope.is_table(named) or (database is not None and words.plain_name(database) != scope.database):
        raise forbidden(f"There is no table {named} for analysts: there are {', '.join(sorted(READABLE))}.")
    return f"({_rows_of_tenant(named, scope, final=final)}){_as(alias)}"


def _rows_of_tenant(table: str, scope: Scope, *, final: bool) -> str:
    if final and table not in STORED:
        raise forbidden("FINAL stands behind a table: views have one row an event already.")
    # The column is qualified, because a name that WITH gives outside would go before it. In PREWHERE, because
    # conditions from outside must not be tried on other tenants' rows, whose values an error would tell; for
    # views, which have none, `tenant_settings` sees to that.
    behind = " FINAL" if final else ""
    clause = "PREWHERE" if table in STORED else "WHERE"
    return (
        f"SELECT {_SOURCE}.* FROM `{scope.database}`.`{table}` AS {_SOURCE}{behind} "  # noqa: S608 - names and value are checked
        f"{clause} {_SOURCE}.{words.TENANT_COLUMN} = {words.string(scope.tenant_id)}"
    )


def _alias_of(node: exp.Expr) -> str | None:
    alias = node.args.get("alias")
    if alias is None:
        return None
    only(alias, "this")
    return words.plain_name(alias.this)


def _as(alias: str | None) -> str:
    return "" if alias is None else f" AS {words.new_name(alias)}"
