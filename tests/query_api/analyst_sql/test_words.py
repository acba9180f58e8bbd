"""Names, strings and numbers: whatever comes in, nothing ends early."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.analyst_sql import words
from query_api.analyst_sql.refusal import RefusedSqlError


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_is_one_string_and_printable(text: str) -> None:
    written = words.string(text)
    assert re.fullmatch(r"'(?:[^'\\]|\\.)*'", written)
    assert written.isprintable()


def test_half_of_a_character_is_refused() -> None:
    with pytest.raises(RefusedSqlError):
        words.string("\ud800")


@given(st.text(min_size=1))
def test_a_name_is_one_name_or_refused(text: str) -> None:
    try:
        written = words.name(text)
    except RefusedSqlError:
        return
    assert written == f"`{text}`"
    assert not re.search(r"[`\\]", text)
    assert not text.startswith("__")


@pytest.mark.parametrize("name", ["tenant_id", "TENANT_ID", "Tenant_Id"])
def test_the_tenants_column_may_be_read_but_not_named_anew(name: str) -> None:
    assert words.name(name) == f"`{name}`"
    with pytest.raises(RefusedSqlError, match="Nothing may be named tenant_id"):
        words.new_name(name)


@pytest.mark.parametrize("literal", ["0", "12", "1.5", "1.", "1e10", "1.5e-3"])
def test_numbers_stay_as_they_are(literal: str) -> None:
    assert words.number(literal) == literal


@pytest.mark.parametrize("literal", ["", "1 OR 1", "-1", "1e", "0x1", "\u0661", "1;"])
def test_what_is_no_number_is_refused(literal: str) -> None:
    with pytest.raises(RefusedSqlError):
        words.number(literal)


def test_hexadecimal_numbers() -> None:
    assert words.hex_number("fF0") == "0xfF0"
    with pytest.raises(RefusedSqlError):
        words.hex_number("fg")
