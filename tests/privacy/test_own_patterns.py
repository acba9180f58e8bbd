"""A tenant's own patterns."""

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.effort import Effort
from privacy.own_patterns import MAX_LENGTH, MAX_PATTERNS, OwnPatterns, PatternError
from schemas.privacy import OwnPattern


def own(*patterns: str) -> OwnPatterns:
    return OwnPatterns([OwnPattern(f"p{number}", pattern) for number, pattern in enumerate(patterns)])


def found(pattern: str, text: str) -> list[str]:
    encoded = text.encode()
    return [encoded[one.start : one.end].decode() for one in own(pattern).find(encoded, Effort())]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"\bE-\d{5}\b", "E-12345, E-1, xE-12345", ["E-12345"]),
        ("(?i)acme", "ACME acme", ["ACME", "acme"]),
        ("é.", "xéñ", ["éñ"]),
        ("^a", "aa", ["a"]),
        ("a$", "aa", ["a"]),
        ("x{3}", "xxxxxxx", ["xxx", "xxx"]),
        ("a|\\b", "a a", ["a", "a"]),
    ],
)
def test_matches(pattern: str, text: str, matches: list[str]) -> None:
    assert found(pattern, text) == matches


@pytest.mark.parametrize("length", [1, 255, 256, 257, 511, 512, 513, 5_000])
def test_a_match_may_be_as_long_as_the_text(length: int) -> None:
    assert found("<[^>]*>", f"{'-' * 300}<{'x' * length}>y<z>") == [f"<{'x' * length}>", "<z>"]
    assert found("x+", f"{'-' * 200}{'x' * length}y") == ["x" * length]


@given(st.text("ab<>", max_size=900), st.sampled_from(["ab+", "a[^b]*b", "<[^>]*>", "b(a|<)", "a{2,9}"]))
def test_nothing_that_matches_is_left(text: str, pattern: str) -> None:
    rest = text.encode()
    for one in reversed(list(own(pattern).find(rest, Effort()))):
        rest = rest[: one.start] + b"\n" + rest[one.end :]
    assert not list(own(pattern).find(rest, Effort()))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing"),
        (r"(a)\1", "invalid escape sequence"),
        ("(?=a)", "invalid perl operator"),
        ("a" * (MAX_LENGTH + 1), "at most 500 characters"),
        ("((a{1,30}){1,30})", "bad repetition|instructions"),
        (r"[\pL\pN]{1,200}", "instructions|too large"),
        ("x*", "matches the empty text"),
        ("\ud800", "not Unicode"),
    ],
)
def test_what_is_no_use_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=rf"^p0: .*({reason})"):
        own(pattern)


@pytest.mark.parametrize("name", ["", "Upper", "email", "secret", "a]", "x" * 40])
def test_a_name_that_is_no_label_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(PatternError, match="a pattern's name has 1 to 32"):
        OwnPatterns([OwnPattern(name, "x")])


def test_there_are_not_too_many_and_not_two_of_a_name() -> None:
    with pytest.raises(PatternError, match="at most 32"):
        own(*["x"] * (MAX_PATTERNS + 1))
    with pytest.raises(PatternError, match="two patterns of this name"):
        OwnPatterns([OwnPattern("a", "x"), OwnPattern("a", "y")])
    assert list(own(*["x"] * MAX_PATTERNS).find(b"", Effort())) == []


@given(st.text(), st.sampled_from(["a", r"\d", "^a", "a$", '"', r"\\", "é", r"\ba", r"\Aa", "[^b]a"]))
def test_json_in_which_none_occurs_holds_none(text: str, pattern: str) -> None:
    encoded = msgspec.json.encode({"message": text.encode(errors="ignore").decode()})
    if not own(pattern).may_occur(encoded):
        assert found(pattern, text.encode(errors="ignore").decode()) == []


def test_json_without_a_match_is_told_at_once() -> None:
    assert not own("E-[0-9]+", "acme").may_occur(b'{"message":"nothing"}')
    assert own("E-[0-9]+", "acme").may_occur(b'{"message":"acme"}')


@pytest.mark.parametrize(
    "pattern",
    ["x.*y|x", "x[^q]*q|x", "(x+x+)+y", "(a|aa)+$|x", "(.*)(.*)(.*)y|x", "[ax]*b|x", r"x|(?s)x.*\z"],
)
@pytest.mark.parametrize("piece", ["x", "a"])
def test_the_work_grows_with_the_text_and_not_with_its_square(pattern: str, piece: str) -> None:
    patterns = own(pattern)

    def least_seconds(size: int) -> float:
        text, taken = piece.encode() * (size // len(piece)), []
        for _ in range(2):
            started = time.process_time()
            for _ in patterns.find(text, Effort(10**9)):
                pass
            taken.append(time.process_time() - started)
        return max(min(taken), 1e-4)

    # Eight times the text: 8 if linear, 64 if not.
    assert least_seconds(32_000) < 24 * least_seconds(4_000)
