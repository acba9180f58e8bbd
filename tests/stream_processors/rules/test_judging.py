"""Which rows are outcomes, what a second row on the same call adds, and what says nothing."""

import pytest

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.evidence import EventRow, LogRow, outcome_class
from stream_processors.rules.judging import (
    AGAIN,
    CORRECTION,
    FIRST,
    LOG_CLASS,
    EventJudgement,
    judge_events,
    judge_words,
)
from stream_processors.rules.veracity import VeracityState

CHECKED = VeracityState(checked=True)


def judge(*rows: EventRow, veracity: VeracityState | None = None) -> EventJudgement:
    return judge_events(rows, DEFAULTS, VeracityState(checked=True) if veracity is None else veracity)


def weighed(*rows: EventRow) -> list[tuple[bool, float, int]]:
    """Success, share of full weight, and what it is to the sequence, of each outcome."""
    return [(success, share, word) for _, _, success, share, word, _ in judge(*rows).judged]


def call(
    *, success: bool | None = True, span: str = "s", error: str = "", kind: str = "ToolCall"
) -> EventRow:
    return EventRow(kind, tool_name="search", success=success, span_id=span, error_type=error)


def outcome(*, success: bool, span: str = "s", run: str = "") -> EventRow:
    return EventRow("Outcome", tool_name="search", success=success, span_id=span, run_id=run)


def test_words_that_say_how_work_went_are_outcomes_and_others_are_not() -> None:
    rows = [LogRow(word) for word in ("info", "debug", "error", "warn", "trace")]
    judged = judge_words(rows, DEFAULTS, LOG_CLASS)
    assert [(seq, word_class, success, share) for seq, word_class, success, share, _, _ in judged] == [
        (0, LOG_CLASS, True, 0.5),
        (2, LOG_CLASS, False, 0.5),
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (call(success=True), [(True, 0.5, FIRST)]),
        (call(success=False, kind="ModelCall"), [(False, 0.5, FIRST)]),
        (call(success=None), []),
        (call(success=None, error="timeout"), [(False, 0.5, FIRST)]),
        (EventRow("Error", span_id="s"), [(False, 0.5, FIRST)]),
        (EventRow("Error", success=True), [(False, 0.5, FIRST)]),
        (EventRow("RunEnd", success=True, run_id="r"), [(True, 0.5, FIRST)]),
        (EventRow("RunStart", success=True), []),
        (EventRow("Span", success=False, error_type="timeout"), []),
        (EventRow("SomethingNew", success=False), []),
    ],
)
def test_what_one_row_says(row: EventRow, expected: list[tuple[bool, float, int]]) -> None:
    assert weighed(row) == expected


def test_a_confirmed_call_counts_in_full_and_once_in_the_sequence() -> None:
    assert weighed(call(), outcome(success=True)) == [(True, 0.5, FIRST), (True, 0.5, AGAIN)]
    assert weighed(outcome(success=False), call(success=False)) == [(False, 0.5, FIRST), (False, 0.5, AGAIN)]


def test_a_contradicted_claim_is_a_failure_whichever_comes_first() -> None:
    assert weighed(call(), outcome(success=False)) == [(True, 0.5, FIRST), (False, 1.0, CORRECTION)]
    assert weighed(outcome(success=False), call()) == [(False, 0.5, FIRST), (False, 0.5, AGAIN)]
    assert judge(call(), outcome(success=False)).met == [(1, True)]
    assert judge(outcome(success=False), call()).met == [(1, True)]


def test_modesty_is_no_lie() -> None:
    assert judge(call(success=False), outcome(success=True)).met == [(1, False)]


def test_an_error_and_the_failed_call_that_it_is_of_are_one_failure() -> None:
    error = EventRow("Error", span_id="s")
    assert weighed(error, call(success=False)) == [(False, 0.5, FIRST)]
    assert weighed(call(success=False), error) == [(False, 0.5, FIRST)]


def test_a_call_may_recover_from_an_error_within_it() -> None:
    judgement = judge(EventRow("Error", span_id="s"), call(success=True))
    assert [success for _, _, success, _, _, _ in judgement.judged] == [False, True]
    assert judgement.met == []


def test_a_run_and_its_outcome_meet_by_the_run() -> None:
    judgement = judge(EventRow("RunEnd", success=True, run_id="r"), outcome(success=False, span="", run="r"))
    assert judgement.met == [(1, True)]


def test_rows_without_an_id_stand_alone() -> None:
    assert judge(call(span=""), outcome(success=False, span="")).met == []


def test_classes_come_from_the_tool_or_the_model() -> None:
    rows = [
        call(),
        EventRow("ModelCall", model="m-1", success=True),
        EventRow("RunEnd", success=True),
    ]
    classes = [tool_class for _, tool_class, *_ in judge(*rows).judged]
    assert classes == [outcome_class("search"), outcome_class("m-1"), outcome_class("RunEnd")]


def test_durations_are_those_of_calls_that_did_not_fail() -> None:
    rows = [
        EventRow("ToolCall", tool_name="search", latency_ms=10.0),
        EventRow("ToolCall", tool_name="search", latency_ms=20.0, success=True),
        EventRow("ToolCall", tool_name="search", latency_ms=30.0, success=False),
        EventRow("Outcome", tool_name="search", latency_ms=40.0, success=True),
        EventRow("ModelCall", latency_ms=50.0, error_type="timeout"),
    ]
    assert [(seq, milliseconds) for seq, _, milliseconds in judge(*rows).timed] == [(0, 10.0), (1, 20.0)]


def test_decisions_are_told_apart_from_outcomes() -> None:
    rows = [EventRow("Decision", decision=word, success=True) for word in ("ALLOW", "deny", "ask")]
    judgement = judge(*rows)
    assert judgement.judged == []
    assert judgement.decided == [(0, True), (1, False)]
