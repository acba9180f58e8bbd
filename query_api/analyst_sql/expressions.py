"""Expressions, written anew: each kind of node that is allowed has its writer here, others are refused."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlglot import exp

from query_api.analyst_sql import words
from query_api.analyst_sql.cast_types import type_name
from query_api.analyst_sql.functions import function_name
from query_api.analyst_sql.nodes import children, not_allowed, only
from query_api.analyst_sql.refusal import forbidden
from query_api.analyst_sql.scope import CTE_PREFIX, Scope
from query_api.analyst_sql.windows import window

Writer = Callable[[Any, Scope], str]

_UNITS = ("MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")

_SPECIAL_NUMBERS = ("inf", "nan")


def expression(node: object, scope: Scope) -> str:
    """An expression as ClickHouse is to read it.

    Raises:
        RefusedSqlError: a part of it is not known to be safe.
    """
    writer = _WRITERS.get(type(node))
    if writer is None:
        raise not_allowed(node)
    return writer(node, scope)


def expressions(nodes: Iterable[object], scope: Scope) -> str:
    """Several, with commas between them."""
    return ", ".join(expression(node, scope) for node in nodes)


def _column(node: exp.Column, scope: Scope) -> str:
    only(node, "this", "table", "db", "catalog")
    before = (node.args.get(key) for key in ("catalog", "db", "table"))
    qualifiers = [words.plain_name(part) for part in before if part is not None]
    if len(qualifiers) > 1 and qualifiers[0] == scope.database and scope.is_table(qualifiers[1]):
        del qualifiers[0]
    if not qualifiers and isinstance(node.this, exp.Identifier) and not node.this.quoted:
        special = str(node.this.this).lower()
        if special in _SPECIAL_NUMBERS:
            return special
    path = "".join(f"`{qualifier}`." for qualifier in qualifiers)
    column = node.this
    if isinstance(column, exp.Star):
        return path + _star(column, scope)
    if isinstance(column, exp.Literal) and not column.is_string:
        return path + words.number(column.this)
    return path + words.name(column)


def _star(node: exp.Star, scope: Scope) -> str:
    only(node, "except_", "replace")
    left_out = [words.name(part.this) for part in children(node, "except_")]
    written = "*" + (f" EXCEPT ({', '.join(left_out)})" if left_out else "")
    replaced = expressions(children(node, "replace"), scope)
    return written + (f" REPLACE ({replaced})" if replaced else "")


def _literal(node: exp.Literal, _scope: Scope) -> str:
    return words.string(node.this) if node.is_string else words.number(node.this)


def _alias(node: exp.Alias, scope: Scope) -> str:
    only(node, "this", "alias")
    return f"{expression(node.this, scope)} AS {words.new_name(node.args['alias'])}"


def _binary(sign: str) -> Writer:
    def write(node: exp.Binary, scope: Scope) -> str:
        # A chain of one sign, which leans to the left, is written without brackets inside.
        parts: list[str] = []
        left: exp.Expr = node
        while type(left) is type(node):
            only(left, "this", "expression", "safe", "typed")
            parts.append(expression(left.expression, scope))
            left = left.this
        parts.append(expression(left, scope))
        return f"({f' {sign} '.join(reversed(parts))})"

    return write


def _comparison(sign: str) -> Writer:
    def write(node: exp.Binary, scope: Scope) -> str:
        only(node, "this", "expression", "negate")
        negated = "NOT " if node.args.get("negate") else ""
        return f"({expression(node.this, scope)} {negated}{sign} {expression(node.expression, scope)})"

    return write


def _named(function: str) -> Writer:
    def write(node: exp.Expr, scope: Scope) -> str:
        only(node, "this", "expression")
        return f"{function}({expression(node.this, scope)}, {expression(node.expression, scope)})"

    return write


def _is(node: exp.Is, scope: Scope) -> str:
    only(node, "this", "expression")
    if not isinstance(node.expression, exp.Null):
        raise forbidden("Write IS NULL or IS NOT NULL.")
    return f"isNull({expression(node.this, scope)})"


def _between(node: exp.Between, scope: Scope) -> str:
    only(node, "this", "low", "high")
    value, low, high = (expression(node.args[key], scope) for key in ("this", "low", "high"))
    return f"({value} BETWEEN {low} AND {high})"


def _in(node: exp.In, scope: Scope) -> str:
    only(node, "this", "expressions", "query", "field")
    value = expression(node.this, scope)
    query, listed, name = node.args.get("query"), node.expressions, node.args.get("field")
    if query is not None:
        return f"({value} IN {expression(query, scope)})"
    if len(listed) == 1 and not name:
        name = listed[0].unnest()
    if isinstance(name, exp.Column):
        # ClickHouse takes a name there for a table.
        if len(name.parts) == 1 and name.name in scope.ctes:
            return f"({value} IN (SELECT * FROM `{CTE_PREFIX}{name.name}`))"  # noqa: S608 - a checked name
        raise forbidden(
            f"Behind IN stands a list or a subquery, not a name: for an array write has({name.name}, value)."
        )
    if not listed:
        raise forbidden("Behind IN stands a list or a subquery in brackets.")
    return f"({value} IN ({expressions(listed, scope)}))"


def _function(node: exp.Expr, scope: Scope) -> str:
    only(node, "this", "expressions", "params")
    written = f"{function_name(node.this)}({_arguments(node.expressions, scope)})"
    parameters = node.args.get("params")
    return written if parameters is None else f"{written}({_arguments(parameters, scope)})"


def _arguments(nodes: list[exp.Expr], scope: Scope) -> str:
    if len(nodes) == 1 and isinstance(nodes[0], exp.Distinct):
        only(nodes[0], "expressions")
        return f"DISTINCT {expressions(nodes[0].expressions, scope)}"
    return expressions(nodes, scope)


def _nulls(behind: str) -> Writer:
    def write(node: exp.Expr, scope: Scope) -> str:
        only(node, "this")
        return f"{expression(node.this, scope)} {behind}"

    return write


def _filter(node: exp.Filter, scope: Scope) -> str:
    only(node, "this", "expression")
    return f"{expression(node.this, scope)} FILTER (WHERE {expression(node.expression.this, scope)})"


def _lambda(node: exp.Lambda, scope: Scope) -> str:
    only(node, "this", "expressions")
    names = ", ".join(words.new_name(argument) for argument in node.expressions)
    return f"({names}) -> {expression(node.this, scope)}"


def _case(node: exp.Case, scope: Scope) -> str:
    only(node, "this", "ifs", "default")
    written = "CASE"
    if node.args.get("this") is not None:
        written += f" {expression(node.this, scope)}"
    for branch in node.args["ifs"]:
        only(branch, "this", "true")
        written += f" WHEN {expression(branch.this, scope)} THEN {expression(branch.args['true'], scope)}"
    if node.args.get("default") is not None:
        written += f" ELSE {expression(node.args['default'], scope)}"
    return f"{written} END"


def _if(node: exp.If, scope: Scope) -> str:
    only(node, "this", "true", "false")
    return f"if({expressions([node.args.get(key) for key in ('this', 'true', 'false')], scope)})"


def _cast(node: exp.Cast, scope: Scope) -> str:
    only(node, "this", "to")
    return f"CAST({expression(node.this, scope)} AS {type_name(node.args['to'])})"


def _interval(node: exp.Interval, scope: Scope) -> str:
    only(node, "this", "unit")
    unit = str(getattr(node.args.get("unit"), "this", "")).upper().removesuffix("S")
    if unit not in _UNITS:
        raise forbidden(f"An INTERVAL is in one of {', '.join(_UNITS)}.")
    amount = node.this
    if isinstance(amount, exp.Literal) and amount.is_string:
        amount = exp.Literal.number(amount.this)
    return f"toInterval{unit.capitalize()}({expression(amount, scope)})"


def _bracket(node: exp.Bracket, scope: Scope) -> str:
    only(node, "this", "expressions")
    return f"arrayElement({expression(node.this, scope)}, {expressions(node.expressions, scope)})"


def _dot(node: exp.Dot, scope: Scope) -> str:
    only(node, "this", "expression")
    part = node.expression
    if isinstance(part, exp.Identifier):
        part = exp.Literal.string(words.plain_name(part))
    if not isinstance(part, exp.Literal):
        raise not_allowed(node)
    return f"tupleElement({expression(node.this, scope)}, {expression(part, scope)})"


def _list(before: str, after: str) -> Writer:
    def write(node: exp.Expr, scope: Scope) -> str:
        only(node, "expressions")
        return before + expressions(node.expressions, scope) + after

    return write


def _wrapped(before: str, after: str = ")") -> Writer:
    def write(node: exp.Expr, scope: Scope) -> str:
        only(node, "this")
        return before + expression(node.this, scope) + after

    return write


def _subquery(node: exp.Subquery, scope: Scope) -> str:
    only(node, "this")
    return f"({scope.write_query(node.this, scope)})"


def _exists(node: exp.Exists, scope: Scope) -> str:
    only(node, "this")
    return f"EXISTS({scope.write_query(node.this, scope)})"


_WRITERS: dict[type, Writer] = {
    exp.Column: _column,
    exp.Identifier: lambda node, _: words.name(node),
    exp.Star: _star,
    exp.Literal: _literal,
    exp.RawString: lambda node, _: words.string(node.this),
    exp.HexString: lambda node, _: words.hex_number(node.this),
    exp.Null: lambda _node, _scope: "NULL",
    exp.Boolean: lambda node, _: "true" if node.this else "false",
    exp.Alias: _alias,
    exp.Paren: _wrapped("("),
    exp.Not: _wrapped("(NOT "),
    exp.Neg: _wrapped("negate("),
    exp.Is: _is,
    exp.Between: _between,
    exp.In: _in,
    exp.Xor: _named("xor"),
    exp.IntDiv: _named("intDiv"),
    exp.RegexpLike: _named("match"),
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: _cast,
    exp.Interval: _interval,
    exp.Bracket: _bracket,
    exp.Dot: _dot,
    exp.Tuple: _list("tuple(", ")"),
    exp.Array: lambda node, scope: f"[{expressions(node.expressions, scope)}]",
    exp.Lambda: _lambda,
    exp.Filter: _filter,
    exp.IgnoreNulls: _nulls("IGNORE NULLS"),
    exp.RespectNulls: _nulls("RESPECT NULLS"),
    exp.Window: lambda node, scope: window(node, scope, expression),
    exp.Subquery: _subquery,
    exp.Exists: _exists,
    **dict.fromkeys(
        (
            exp.Anonymous,
            exp.AnonymousAggFunc,
            exp.CombinedAggFunc,
            exp.ParameterizedAgg,
            exp.CombinedParameterizedAgg,
        ),
        _function,
    ),
    **{
        kind: _binary(sign)
        for kind, sign in {
            exp.And: "AND",
            exp.Or: "OR",
            exp.Add: "+",
            exp.Sub: "-",
            exp.Mul: "*",
            exp.Div: "/",
            exp.Mod: "%",
            exp.DPipe: "||",
        }.items()
    },
    **{
        kind: _comparison(sign)
        for kind, sign in {
            exp.EQ: "=",
            exp.NEQ: "!=",
            exp.GT: ">",
            exp.GTE: ">=",
            exp.LT: "<",
            exp.LTE: "<=",
            exp.NullSafeEQ: "<=>",
            exp.Like: "LIKE",
            exp.ILike: "ILIKE",
        }.items()
    },
}
