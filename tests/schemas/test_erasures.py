"""A value is found however its letters are written, and as JSON writes it; nothing else is."""

import re

import pytest
import re2

from schemas.erasures import value_pattern


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("bob@example.com", "mail to Bob@Example.COM."),
        ("O'Neil (boss)", "o'neil (BOSS)"),
        ('the "big" one', '{"x": "The \\"BIG\\" one"}'),
        ('the "big" one', 'the "big" one'),
        ("Grüße", "grüße"),
        ("a.b*c+d", "a.b*c+d"),
    ],
)
def test_a_value_is_found(value: str, text: str) -> None:
    # Python's engine for rows that are read again, and the one that ClickHouse has.
    for engine in (re, re2):
        assert engine.search(value_pattern(value), text)


@pytest.mark.parametrize(("value", "text"), [("bob@example.com", "bob@exampleXcom"), ("a.b*c+d", "aab*c+d")])
def test_its_signs_are_no_pattern(value: str, text: str) -> None:
    for engine in (re, re2):
        assert not engine.search(value_pattern(value), text)
