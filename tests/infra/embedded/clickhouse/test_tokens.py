"""Tokens cover the text in order, and know strings and comments from words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.tokens import tokenize

SQL = st.binary() | st.text(alphabet="a1 '\"`\\-/*#$();[]{}\n;").map(str.encode)


@given(SQL)
def test_tokens_stand_in_order_and_never_fail(text: bytes) -> None:
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end


@given(SQL)
def test_what_is_quoted_is_one_token(inside: bytes) -> None:
    quoted = b"'" + inside.replace(b"\\", b"\\\\").replace(b"'", b"''") + b"'"
    assert [token.text for token in tokenize(b"SELECT " + quoted + b";")] == [b"SELECT", b"", b";"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"select -- a ; 'b\n1 /* ; */ , x", [b"SELECT", b"", b",", b"X"]),
        (b"# comment\n#! comment\nx", [b"X"]),
        (b'`a;b` "c;d" $tag$ ; $tag$ x', [b"", b"", b"", b"X"]),
        (b"'it\\'s' 'it''s' x", [b"", b"", b"X"]),
        (b"'never closed ; x", [b""]),
    ],
)
def test_strings_and_comments(text: bytes, expected: list[bytes]) -> None:
    assert [token.text for token in tokenize(text)] == expected


def test_brackets_are_counted() -> None:
    depths = [(token.text, token.depth) for token in tokenize(b"a (b [c] {d}) e")]
    assert [depth for text, depth in depths if text.isalpha()] == [0, 1, 2, 2, 0]
    assert [depth for text, depth in depths if text in (b"(", b")")] == [0, 0]


@pytest.mark.parametrize("unit", [b"'", b"''\\", b"/*", b"$a$", b"`\"'", b"-", b"\\'"])
def test_hostile_texts_take_linear_time(unit: bytes) -> None:
    started = time.process_time()
    list(tokenize(unit * (300_000 // len(unit))))
    assert time.process_time() - started < 3
