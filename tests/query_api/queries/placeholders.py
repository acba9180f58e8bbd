"""What a query's SQL asks to be bound."""

import re

from query_api.queries.query import Query

_PLACEHOLDER = re.compile(r"\{(\w+):[\w()]+\}")


def placeholders(query: Query) -> set[str]:
    """The names in the text; they must be those of the parameters."""
    names = set(_PLACEHOLDER.findall(query.sql))
    assert names == set(query.parameters)
    return names
