"""What is wrong with which field of which event, as the `errors` of a problem name it; pure."""

import re
from collections.abc import Iterable
from typing import Any

from msgspec import inspect

_MESSAGE = re.compile(r"(?P<reason>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_NAMED_FIELD = re.compile(r"field `([^`]+)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[[^\]]*\]")
_UNKNOWN_VALUE = "Invalid enum value"
_UNKNOWN_FIELD = "Object contains unknown field"


def field_error(index: int, field: str, reason: str) -> dict[str, Any]:
    """One error; `index` counts events from 0, `field` is a dotted path, empty for the event itself."""
    return {"index": index, "field": field, "reason": reason}


def from_message(index: int, message: str, payload: inspect.Type | None = None) -> dict[str, Any]:
    """Read msgspec's message, such as ``Expected `int`, got `str` - at `$.metrics.interactions```.

    A field that is missing or unknown is named in the text and not in the path; it is added to the path. With
    the event's type a value or field that is not known is told which are.
    """
    found = _MESSAGE.fullmatch(message)
    reason, path = (found["reason"], found["path"] or "") if found else (message, "")
    named = _NAMED_FIELD.search(reason)
    parts = (path.lstrip("."), named[1] if named else "")
    known = "" if payload is None else _known(reason, _type_at(payload, path))
    return field_error(index, ".".join(part for part in parts if part), reason + known)


def _known(reason: str, place: inspect.Type | None) -> str:
    if reason.startswith(_UNKNOWN_VALUE) and isinstance(place, inspect.EnumType):
        return f": it is one of {', '.join(str(member.value) for member in place.cls)}"
    if reason.startswith(_UNKNOWN_FIELD) and isinstance(place, inspect.StructType):
        return f": there are {', '.join(field.encode_name for field in place.fields)}"
    return ""


def _type_at(payload: inspect.Type, path: str) -> inspect.Type | None:
    """The type at a path such as `.metrics.violations[2]`; None where it cannot be told."""
    found: inspect.Type | None = _not_null(payload)
    for step in _STEP.finditer(path):
        if isinstance(found, inspect.StructType) and step[1]:
            inner = next((field.type for field in found.fields if field.encode_name == step[1]), None)
        elif isinstance(found, inspect.ListType | inspect.VarTupleType):
            inner = found.item_type
        else:
            inner = None
        found = None if inner is None else _not_null(inner)
    return found


def _not_null(found: inspect.Type) -> inspect.Type | None:
    """Of what may be null, what it is else."""
    if not isinstance(found, inspect.UnionType):
        return found
    return _only(one for one in found.types if not isinstance(one, inspect.NoneType))


def _only(types: Iterable[inspect.Type]) -> inspect.Type | None:
    found = list(types)
    return found[0] if len(found) == 1 else None
