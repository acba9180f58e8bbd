"""What stands beside a candidate."""

import pytest

from privacy.surroundings import continues_number, follows_word, is_escaped, number_continues, precedes_word


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (b"", False),
        (b" ", False),
        (b"_", False),
        (b"a", True),
        (b"0", True),
        (b"[email]", True),
        (b"[0]", False),
    ],
)
def test_a_word_before(before: bytes, expected: bool) -> None:
    assert follows_word(before + b"X", len(before)) is expected


def test_the_letter_of_an_escape_is_no_word() -> None:
    assert not follows_word(rb"\nX", 2)
    assert follows_word(rb"\xX", 2)
    assert is_escaped(rb"\n", 1)
    assert not is_escaped(b"n", 0)


@pytest.mark.parametrize(
    ("after", "expected"), [(b"", False), (b" a", False), (b"a", True), (b"[email]", True), (b"[x", False)]
)
def test_a_word_behind(after: bytes, expected: bool) -> None:
    assert precedes_word(b"X" + after, 1) is expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [(b"0.", True), (b"2025-", True), (b"[ip]-", True), (b"a.", False), (b".", False), (b"1 ", False)],
)
def test_a_number_before(before: bytes, expected: bool) -> None:
    assert continues_number(before + b"1", len(before)) is expected


@pytest.mark.parametrize(
    ("after", "expected"), [(b".5", True), (b"-[ip]", True), (b". 5", False), (b".", False), (b"", False)]
)
def test_a_number_behind(after: bytes, expected: bool) -> None:
    assert number_continues(b"1" + after, 1) is expected
