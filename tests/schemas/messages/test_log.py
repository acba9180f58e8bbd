"""Log entries keep their context as they sent it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from schemas.messages.log import LogPayload, to_row
from schemas.nesting import MAX_NESTING

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_the_context_is_kept_as_it_came(context: Any) -> None:  # noqa: ANN401 - any JSON
    text = msgspec.json.encode({"agentId": "a", "level": "info", "message": "m", "context": context})
    row = to_row(msgspec.json.decode(text, type=LogPayload))
    assert msgspec.json.decode(msgspec.json.encode(row)).get("context") == context


def test_a_row_without_extras_is_small() -> None:
    row = to_row(msgspec.json.decode(b'{"agentId":"a","level":"warn","message":"m"}', type=LogPayload))
    assert msgspec.json.encode(row) == b'{"level":"warn","message":"m"}'


def test_context_is_not_nested_without_end() -> None:
    deep: object = 1
    for _ in range(MAX_NESTING + 1):
        deep = [deep]
    with pytest.raises(InvalidMessageError, match="context: is nested"):
        to_row(
            msgspec.convert({"agentId": "a", "level": "info", "message": "m", "context": deep}, LogPayload)
        )
