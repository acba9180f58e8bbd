"""How deep free JSON may be nested: far below where a reader's stack ends, which no two readers share."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from schemas.errors import InvalidMessageError

MAX_NESTING = 64

# Asked by type, which is quicker than isinstance: a decoder makes no other kinds of them.
_CONTAINERS = frozenset({dict, list})


def check_nesting(value: object, field: str) -> None:
    """Refuse JSON with more than MAX_NESTING objects and arrays around one another.

    Decoders count their nesting together with the calls that led to them, so that what one process can read,
    another cannot. `value` is as msgspec decodes JSON, so it refers to itself nowhere.

    Raises:
        InvalidMessageError: it is nested deeper.
    """
    if type(value) is dict:
        # Most hold no container: for them this is all, at a third of the price of what follows.
        for child in value.values():
            if type(child) in _CONTAINERS:
                break
        else:
            return
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise InvalidMessageError(f"is nested more than {MAX_NESTING} levels deep", field=field)
        # One comprehension: a call for each level would double the time, and this runs for each context.
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) in _CONTAINERS
        ]


def check_nesting_of_all(values: Sequence[Any], field: str) -> None:
    """`check_nesting` of each value; objects that hold no container are seen through without a loop.

    Raises:
        InvalidMessageError: one is nested deeper.
    """
    try:
        is_flat = _CONTAINERS.isdisjoint(map(type, chain.from_iterable(map(dict.values, values))))
    except TypeError:  # one is no object
        is_flat = False
    if not is_flat:
        for value in values:
            check_nesting(value, field)
