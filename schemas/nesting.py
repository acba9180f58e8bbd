"""How deep free JSON may be nested: far below where a reader's stack ends, which no two readers share."""

from typing import Any

from schemas.errors import InvalidMessageError

MAX_NESTING = 64

# A tuple, not a union, which is slower to ask.
_CONTAINERS = (dict, list)


def check_nesting(value: object, field: str) -> None:
    """Refuse JSON with more than MAX_NESTING objects and arrays around one another.

    Decoders count their nesting together with the calls that led to them, so that what one process can read,
    another cannot. `value` is as msgspec decodes JSON, so it refers to itself nowhere.

    Raises:
        InvalidMessageError: it is nested deeper.
    """
    level: list[Any] = [value] if isinstance(value, _CONTAINERS) else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise InvalidMessageError(f"is nested more than {MAX_NESTING} levels deep", field=field)
        # One comprehension: a call for each level would double the time, and this runs for each context.
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, _CONTAINERS)
        ]
