"""Names and values read back as they are, whatever they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.quoting import quote_name, quote_string, set_statement
from infra.embedded.clickhouse.tokens import tokenize

TEXT = st.text(st.characters(codec="utf-8"))


@given(TEXT)
def test_a_quoted_text_is_one_token(text: str) -> None:
    for quoted in (quote_string(text), quote_name(text)):
        [token] = tokenize(quoted.encode())
        assert (token.start, token.end) == (0, len(quoted.encode()))


def test_quotes_and_backslashes() -> None:
    assert quote_string("it's \\ \0") == r"'it\'s \\ \0'"
    assert quote_name("a`b\\") == r"`a\`b\\`"


def test_settings() -> None:
    assert set_statement({"a": "1", "b": "it's"}) == "SET a = '1', b = 'it\\'s'"


@pytest.mark.parametrize("name", ["", "a b", "a=1", "1a", "ä", "a;b"])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(ClickHouseError, match="BAD_ARGUMENTS"):
        set_statement({name: "1"})
