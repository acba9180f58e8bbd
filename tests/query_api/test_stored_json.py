"""Free JSON comes back from its text."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.stored_json import read_stored_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.text(), JSON) | st.lists(JSON))
def test_a_stored_object_comes_back(value: object) -> None:
    assert read_stored_json(orjson.dumps(value).decode()) == value


@pytest.mark.parametrize(("text", "value"), [("", None), ("plain words", "plain words"), ("{half", "{half")])
def test_what_is_no_json_stands_for_itself(text: str, value: object) -> None:
    assert read_stored_json(text) == value
