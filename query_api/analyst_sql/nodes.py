"""Reading a node of the tree: nothing that it carries may go unnoticed."""

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from query_api.analyst_sql.refusal import forbidden

_LABELS: dict[type[exp.Expr], str] = {
    exp.Placeholder: "A parameter",
    exp.Parameter: "A parameter",
    exp.CastToStrType: "CAST(x, 'Type') - write CAST(x AS Type) -",
    exp.JSONExtract: "The operator ->",
    exp.Apply: "APPLY",
    exp.Concat: "A string behind a string",
}


def only(node: exp.Expr, *known: str) -> None:
    """Make sure that a node carries nothing but the known.

    Raises:
        RefusedSqlError: it carries more.
    """
    for key, value in node.args.items():
        if key not in known and value not in (None, False, []):
            raise forbidden(f"{key.strip('_').upper()} is not allowed in {_label(node)}.")


def children(node: exp.Expr, key: str) -> Sequence[Any]:
    """The parts under a key that holds a list, none if it is missing."""
    found = node.args.get(key) or []
    return found if isinstance(found, list) else [found]


def not_allowed(node: object) -> Exception:
    """The refusal of a part that is not among what is known."""
    label = _label(node) if isinstance(node, exp.Expr) else "This"
    return forbidden(f"{label} is not allowed in analysts' SQL.")


def _label(node: exp.Expr) -> str:
    return _LABELS.get(type(node), type(node).__name__.upper())
