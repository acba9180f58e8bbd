"""Names and patterns match what a regular expression of the same meaning matches."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policy_engine.names import Names

PATTERNS = st.text("ab*", max_size=8)
TEXTS = st.text("ab*", max_size=12)


@given(st.lists(PATTERNS, max_size=3), TEXTS)
@example(["ab*ba"], "aba")
@example(["a*a"], "a")
@example(["*"], "")
@example([""], "")
def test_they_hold_what_the_regular_expressions_hold(patterns: list[str], text: str) -> None:
    expressions = [".*".join(map(re.escape, pattern.split("*"))) for pattern in patterns]
    assert (text in Names(patterns)) == any(re.fullmatch(e, text) for e in expressions)


@pytest.mark.parametrize("text", ["GitHub", "github ", "git hub"])
def test_a_name_is_matched_to_the_letter(text: str) -> None:
    assert text not in Names(["github"])


def test_nothing_else_is_special() -> None:
    assert "axb" not in Names(["a.b", "a?b", "a[x]b"])


def test_many_stars_take_no_longer() -> None:
    # A backtracking matcher would not come back from this.
    assert "a" * 256 not in Names(["*a" * 100 + "*b"])
