"""Events keep what was said of them, and refuse what no table can hold."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from schemas.messages.event import EventBody, EventPayload, EventRow, EventType, to_row
from schemas.nesting import MAX_NESTING


def event(**fields: Any) -> EventPayload:  # noqa: ANN401 - any JSON
    return msgspec.convert({"instance_id": "agent-7", "event_type": "ToolCall", **fields}, EventPayload)


def test_a_row_without_extras_is_small() -> None:
    assert msgspec.json.encode(to_row(event())) == b'{"event_type":"ToolCall"}'


def test_every_field_of_the_body_is_kept_under_its_name() -> None:
    body = {
        name: {"a": 1} if name == "attributes" else 7 if name.endswith(("_tokens", "_ms")) else name
        for name in EventBody.__struct_fields__
        if name != "success"
    }
    row = msgspec.to_builtins(to_row(event(payload=body | {"success": False})))
    assert row == {"event_type": "ToolCall", "success": False} | body


def test_the_body_has_no_field_that_the_row_lacks() -> None:
    assert set(EventBody.__struct_fields__) <= set(EventRow.__struct_fields__)


@given(
    st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5))
)
def test_attributes_are_kept_as_they_came(attributes: dict[str, Any]) -> None:
    assert to_row(event(payload={"attributes": attributes})).attributes == attributes


def test_attributes_are_not_nested_without_end() -> None:
    deep: object = 1
    for _ in range(MAX_NESTING + 1):
        deep = [deep]
    with pytest.raises(InvalidMessageError, match=r"payload\.attributes: is nested"):
        to_row(event(payload={"attributes": {"deep": deep}}))


@pytest.mark.parametrize("event_type", EventType)
def test_every_type_of_the_document_is_taken(event_type: EventType) -> None:
    assert to_row(event(event_type=event_type.value)).event_type is event_type
