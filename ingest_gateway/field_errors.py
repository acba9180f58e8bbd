"""What is wrong with which field of which event, as the `errors` of a problem name it; pure."""

import re
from typing import Any

_MESSAGE = re.compile(r"(?P<reason>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_NAMED_FIELD = re.compile(r"field `([^`]+)`")


def field_error(index: int, field: str, reason: str) -> dict[str, Any]:
    """One error; `index` counts events from 0, `field` is a dotted path, empty for the event itself."""
    return {"index": index, "field": field, "reason": reason}


def from_message(index: int, message: str) -> dict[str, Any]:
    """Read msgspec's message, such as ``Expected `int`, got `str` - at `$.metrics.interactions```.

    A field that is missing or unknown is named in the text and not in the path; it is added to the path.
    """
    found = _MESSAGE.fullmatch(message)
    reason, path = (found["reason"], found["path"] or "") if found else (message, "")
    named = _NAMED_FIELD.search(reason)
    parts = (path.lstrip("."), named[1] if named else "")
    return field_error(index, ".".join(part for part in parts if part), reason)
