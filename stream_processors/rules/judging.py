"""Which rows say how work turned out, which of them repeats what another row said, and how much each counts.

Everything that agents report is their own word, and counts half. A call that two rows speak of, the caller's
claim and the outcome as its surroundings saw it, counts in full; where they contradict each other it has
failed.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from schemas.messages.event import EventType
from schemas.messages.values import AgentHealth, LogLevel
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.decisions import Decided, decision_of
from stream_processors.rules.evidence import EventRow, WordRow, outcome_class
from stream_processors.rules.latency import Timed
from stream_processors.rules.veracity import (
    Met,
    VeracityState,
    Verdict,
    hear_claim,
    hear_error,
    hear_outcome,
)

# What a row is to the sequence of outcomes: another word on one that was told, the first word on one, or the
# correction of a claim that was the first word.
AGAIN, FIRST, CORRECTION = range(3)

# A row's place, its class, whether it succeeded, its share of full weight, what it is to the sequence, and
# when it happened. A plain tuple, because one is made for each event.
Judged = tuple[int, int, bool, float, int, datetime | None]

# True: a success, False: a failure. Other words (debug, warn, active, inactive) say nothing about how work
# went; were `active` a success, an agent that fails at all it does would be held up by its own heartbeats.
_WORDS: dict[str, bool] = {
    LogLevel.INFO.value: True,
    LogLevel.ERROR.value: False,
    AgentHealth.ERROR.value: False,
}

# Logs and heartbeats name no tool, so they are classes of their own.
LOG_CLASS = outcome_class("log")
HEARTBEAT_CLASS = outcome_class("heartbeat")

_CALL_TYPES = frozenset({EventType.TOOL_CALL.value, EventType.MODEL_CALL.value})
_RUN_END = EventType.RUN_END.value
_OUTCOME = EventType.OUTCOME.value
_ERROR = EventType.ERROR.value
_DECISION = EventType.DECISION.value
_JUDGED_TYPES = _CALL_TYPES | {_RUN_END, _OUTCOME, _ERROR}


def judge_words(rows: Sequence[WordRow], model: Calibration, word_class: int) -> list[Judged]:
    """The outcomes among log entries or heartbeats, in their order."""
    share = model.parameters.outcomes.own_word_weight
    return [
        (seq, word_class, success, share, FIRST, row.timestamp)
        for seq, row in enumerate(rows)
        if (success := _WORDS.get(row.word)) is not None
    ]


class EventJudgement(msgspec.Struct, gc=False):
    """What a segment's events say, each list in the order of the rows."""

    judged: list[Judged]
    met: list[Met]
    timed: list[Timed]
    decided: list[Decided]


def judge_events(rows: Sequence[EventRow], model: Calibration, veracity: VeracityState) -> EventJudgement:
    """Find outcomes, claims that met their outcome, durations and decisions.

    Calls and ends of runs claim; outcomes say what came of them. An event that does not say how it went is
    only a sign of life.
    """
    own_word = model.parameters.outcomes.own_word_weight
    judged: list[Judged] = []
    met: list[Met] = []
    timed: list[Timed] = []
    decided: list[Decided] = []
    for seq, row in enumerate(rows):
        event_type = row.event_type
        if event_type not in _JUDGED_TYPES:
            if event_type == _DECISION and (allowed := decision_of(row)) is not None:
                decided.append((seq, allowed))
            continue
        tool_class = outcome_class(row.tool_name or row.model or event_type)
        success = row.success
        if event_type == _ERROR or (success is None and row.error_type):
            success = False
        if row.latency_ms is not None and success is not False and event_type in _CALL_TYPES:
            timed.append((seq, tool_class, row.latency_ms))
        if success is None or (verdict := _hear(veracity, row, success=success)) is Verdict.REPEATED:
            continue
        share, word = own_word, FIRST
        if verdict is not Verdict.FIRST:
            word = AGAIN
            contradicted = verdict is Verdict.CONTRADICTED
            met.append((seq, contradicted))
            if contradicted and event_type == _OUTCOME:
                # The claim has counted as a success by now, which the failure has to outweigh.
                share, word = 1.0, CORRECTION
            success = success and not contradicted
        judged.append((seq, tool_class, success, share, word, row.timestamp))
    return EventJudgement(judged, met, timed, decided)


def _hear(veracity: VeracityState, row: EventRow, *, success: bool) -> Verdict:
    """What a row adds; without an id that others can name it stands alone."""
    event_type, span_id = row.event_type, row.span_id
    if event_type in _CALL_TYPES:
        return hear_claim(veracity, span_id, success=success) if span_id else Verdict.FIRST
    if event_type == _ERROR:
        return hear_error(veracity, span_id) if span_id else Verdict.FIRST
    if event_type == _RUN_END:
        return hear_claim(veracity, row.run_id, success=success) if row.run_id else Verdict.FIRST
    subject = span_id or row.run_id
    return hear_outcome(veracity, subject, success=success) if subject else Verdict.FIRST
