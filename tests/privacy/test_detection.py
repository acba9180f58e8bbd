"""The search through one text."""

import re

import pytest

from privacy.detection import DataClass, Detector, Find, Finding, search
from privacy.effort import DISAPPOINTMENT, Effort, ExhaustedError
from privacy.engine import Match, compile_bytes

PAIR = compile_bytes(b"(ab|ba)")


def judge_second(_text: bytes, match: Match) -> Finding | None:
    start, end = match.span()
    return Finding(start, end, "x", b"") if match.group() == b"ba" else None


def spans(find: Find, text: bytes) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in find(text, Effort())]


def test_after_nothing_the_search_goes_on_one_byte_further() -> None:
    assert spans(search(PAIR, judge_second), b"aba") == [(1, 3)]


def test_after_nothing_in_a_whole_run_it_goes_on_behind_it() -> None:
    assert spans(search(PAIR, judge_second, whole_runs=True), b"aba") == []


def test_what_comes_to_nothing_costs_effort_too() -> None:
    with pytest.raises(ExhaustedError):
        list(search(PAIR, judge_second)(b"abxab", Effort(DISAPPOINTMENT)))


def test_a_text_that_is_too_short_or_lacks_the_hint_is_not_searched() -> None:
    detector = Detector(
        data_class=DataClass.SECRETS, trigger=b"", find=search(PAIR, judge_second), shortest=3, hints=("a",)
    )
    assert [detector.may_find(text) for text in ("ba", "bbb", "bab")] == [False, False, True]


def test_a_text_without_the_shape_is_not_searched() -> None:
    find = search(PAIR, judge_second)
    shape = re.compile("b.")
    detector = Detector(data_class=DataClass.SECRETS, trigger=b"", find=find, shortest=2, shape=shape)
    assert [detector.may_find(text) for text in ("ab", "ba")] == [False, True]


def test_the_end_of_a_text_that_is_too_short_is_not_searched() -> None:
    assert spans(search(PAIR, judge_second, shortest=3), b"xba") == [(1, 3)]
    assert spans(search(PAIR, judge_second, shortest=3), b"ba") == []
