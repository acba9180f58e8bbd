"""The matcher's patterns are over bytes."""

from privacy.engine import ENCODED_LEFT, LEFT, compile_bytes, compile_set


def test_a_pattern_takes_bytes_that_are_no_text() -> None:
    assert compile_bytes(rb"[\x80-\xff]+").search(b"a\xff\xfe").span() == (1, 3)


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
