"""Free JSON that a table keeps as text."""

from typing import Any

import orjson


def read_stored_json(text: str) -> Any:  # noqa: ANN401 - any JSON
    """The value; None for an empty text, and the text itself where it is not JSON.

    ClickHouse stores a JSON string without its quotes, so such a text stands for itself.
    """
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
