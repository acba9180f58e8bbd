"""Whether an entry is among those that a search would find, decided without ClickHouse; pure."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from query_api.queries.logs import LogSearch
from query_api.tail_entries import ReportedLog

# As ClickHouse's splitByNonAlpha: bytes beyond ASCII belong to words, and only A to Z have two cases.
_WORDS = re.compile(rb"[A-Za-z0-9\x80-\xff]+")

_encode = msgspec.json.Encoder().encode

Condition = Callable[[ReportedLog], bool]


class LogMatcher:
    """The filters of a log search, but for its times: a tail shows what comes."""

    def __init__(self, wanted: LogSearch) -> None:
        """Keep what is asked for; the cheap conditions are asked first."""
        self._conditions: list[Condition] = []
        if wanted.levels:
            levels = frozenset(wanted.levels)
            self._conditions.append(lambda log: log.level in levels)
        if wanted.governance_event is not None:
            governance = wanted.governance_event
            self._conditions.append(lambda log: log.governance_event is governance)
        if wanted.trace_id is not None:
            trace_id = wanted.trace_id
            self._conditions.append(lambda log: log.trace_id == trace_id)
        for path, value in wanted.fields:
            self._conditions.append(_field_condition(path, value))
        if wanted.text is not None:
            words = words_of(wanted.text)
            self._conditions.append(lambda log: words <= words_of(log.message))

    def matches(self, log: ReportedLog) -> bool:
        """Whether all conditions hold."""
        return all(condition(log) for condition in self._conditions)


def words_of(text: str) -> frozenset[bytes]:
    """The words of a text, A to Z as a to z."""
    return frozenset(_WORDS.findall(text.encode().lower()))


def _field_condition(path: str, value: str) -> Condition:
    steps = path.split(".")

    def holds(log: ReportedLog) -> bool:
        return _text_at(log.context, [path]) == value or _text_at(log.context, steps) == value

    return holds


def _text_at(context: Any, steps: list[str]) -> str | None:  # noqa: ANN401 - any JSON
    for step in steps:
        if not isinstance(context, dict) or step not in context:
            return None
        context = context[step]
    return context if isinstance(context, str) else _encode(context).decode()
