"""Windows: what stands behind OVER and in the clause WINDOW, and ORDER BY, which both have."""

from collections.abc import Callable

from sqlglot import exp

from query_api.analyst_sql import words
from query_api.analyst_sql.nodes import children, not_allowed, only
from query_api.analyst_sql.scope import Scope

ExpressionWriter = Callable[[object, Scope], str]

_FRAMES = ("ROWS", "RANGE", "GROUPS")
_WORDS = ("UNBOUNDED", "CURRENT ROW")
_SIDES = ("PRECEDING", "FOLLOWING")


def window(node: exp.Window, scope: Scope, write: ExpressionWriter) -> str:
    """A function over a window, which is named or described."""
    only(node, "this", "partition_by", "order", "spec", "alias", "over")
    function = write(node.this, scope)
    named = node.args.get("alias")
    if named is not None:
        only(node, "this", "alias", "over")
        return f"{function} OVER {words.name(named)}"
    return f"{function} OVER ({_description(node, scope, write)})"


def named_window(node: exp.Window, scope: Scope, write: ExpressionWriter) -> str:
    """One window of the clause WINDOW."""
    only(node, "this", "partition_by", "order", "spec")
    return f"{words.new_name(node.this)} AS ({_description(node, scope, write)})"


def order_by(node: exp.Order, scope: Scope, write: ExpressionWriter) -> str:
    """ORDER BY with its words."""
    only(node, "expressions")
    if len(node.expressions) == 1 and _is_all(node.expressions[0]):
        return "ORDER BY ALL" + (" DESC" if node.expressions[0].args.get("desc") else "")
    return "ORDER BY " + ", ".join(_ordered(part, scope, write) for part in node.expressions)


def _is_all(node: exp.Expr) -> bool:
    word = node.this.this if isinstance(node.this, exp.Column) else None
    return isinstance(word, exp.Identifier) and not word.quoted and word.this.upper() == "ALL"


def _ordered(node: exp.Expr, scope: Scope, write: ExpressionWriter) -> str:
    if not isinstance(node, exp.Ordered):
        raise not_allowed(node)
    only(node, "this", "desc", "nulls_first", "with_fill")
    written = write(node.this, scope)
    written += " DESC" if node.args.get("desc") else ""
    written += " NULLS FIRST" if node.args.get("nulls_first") else ""
    fill = node.args.get("with_fill")
    return written if fill is None else f"{written} WITH FILL{_fill(fill, scope, write)}"


def _fill(node: exp.Expr, scope: Scope, write: ExpressionWriter) -> str:
    only(node, "from_", "to", "step")
    parts = {"FROM": node.args.get("from_"), "TO": node.args.get("to"), "STEP": node.args.get("step")}
    return "".join(f" {word} {write(part, scope)}" for word, part in parts.items() if part)


def _description(node: exp.Window, scope: Scope, write: ExpressionWriter) -> str:
    parts = []
    partition = children(node, "partition_by")
    if partition:
        parts.append("PARTITION BY " + ", ".join(write(part, scope) for part in partition))
    if node.args.get("order") is not None:
        parts.append(order_by(node.args["order"], scope, write))
    if node.args.get("spec") is not None:
        parts.append(_frame(node.args["spec"], scope, write))
    return " ".join(parts)


def _frame(node: exp.WindowSpec, scope: Scope, write: ExpressionWriter) -> str:
    only(node, "kind", "start", "start_side", "end", "end_side")
    if node.args.get("kind") not in _FRAMES:
        raise not_allowed(node)
    start = _edge(node.args.get("start"), node.args.get("start_side"), scope, write)
    end = _edge(node.args.get("end") or "CURRENT ROW", node.args.get("end_side"), scope, write)
    return f"{node.args['kind']} BETWEEN {start} AND {end}"


def _edge(amount: object, side: str | None, scope: Scope, write: ExpressionWriter) -> str:
    if isinstance(amount, exp.Expr):
        written = write(amount, scope)
    elif amount in _WORDS:
        written = str(amount)
    else:
        raise not_allowed(amount)
    if side is not None and side not in _SIDES:
        raise not_allowed(side)
    return f"{written} {side}" if side else written
