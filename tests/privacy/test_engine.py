"""The matcher's patterns are over bytes."""

import re2
from hypothesis import given
from hypothesis import strategies as st

from privacy.engine import ENCODED_LEFT, LEFT, compile_bytes, compile_set


def test_a_pattern_takes_bytes_that_are_no_text() -> None:
    match = compile_bytes(rb"[\x80-\xff]+").search(b"a\xff\xfe")
    assert match is not None
    assert match.span() == (1, 3)


def test_a_match_tells_of_its_groups() -> None:
    match = compile_bytes(rb"x(?:(a+)|(b))").search(b"xaa xb", 1)
    assert match is not None
    assert (match.span(), match.start(1), match.group(1)) == ((4, 6), -1, b"")
    assert (match.start(2), match.end(2), match.group(2), match.group()) == (5, 6, b"b", b"xb")
    assert compile_bytes(b"x").search(b"x", 1) is None


@given(st.binary(max_size=40), st.integers(0, 40))
def test_it_finds_what_the_librarys_own_search_finds(text: bytes, start: int) -> None:
    pattern = rb"(?s)([a-m]+)(.)|([\x80-\xff])"
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    theirs = re2.compile(pattern, options=options).search(text, start) if start <= len(text) else None
    ours = compile_bytes(pattern).search(text, start) if start <= len(text) else None
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert [ours.span(n) for n in range(4)] == [theirs.span(n) for n in range(4)]


def test_a_set_names_what_occurs() -> None:
    together = compile_set([b"a", b"b", b"c"])
    assert sorted(together.Match(b"xcxa")) == [0, 2]
    assert together.Match(b"x") is None


def test_a_value_may_stand_at_the_start_or_behind_an_escape() -> None:
    pattern = compile_bytes(LEFT + rb"(7)")
    assert [bool(pattern.search(text)) for text in (b"7", b" 7", rb"\n7", b"n7", b"07")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert compile_bytes(ENCODED_LEFT + rb"7").search(rb"\u001f7")
