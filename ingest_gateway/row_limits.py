"""How large a row may be, and what its free JSON may hold; pure.

Everything else of a payload is bounded by its type. Free JSON is looked at only where the row's size, or the
count of what it would take, says that a limit may be passed: for most rows that is one comparison.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ingest_gateway.errors import BAD_FIELDS, CORRECT_AND_REPEAT, EVENT_TOO_LARGE, TOO_MANY_EVENTS
from ingest_gateway.field_errors import field_error
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError
from schemas.nesting import MAX_NESTING

# `"":0,` is the shortest that a key can be; a level of nesting takes two brackets.
_KEY_BYTES = 5
_LEVEL_BYTES = 2


class RowLimits:
    """Judges the encoded rows of a request."""

    def __init__(self, limits: Limits) -> None:
        """Rows within `limits` pass."""
        self._limits = limits
        # The types' own bound on nesting holds already.
        self._minds_nesting = limits.max_nesting < MAX_NESTING
        self._harmless = min(
            limits.max_event_bytes,
            limits.max_text_length,
            limits.max_keys * _KEY_BYTES,
            limits.max_nesting * _LEVEL_BYTES if self._minds_nesting else limits.max_event_bytes,
        )

    def check_count(self, rows: int) -> None:
        """Let a request with so many rows pass.

        Raises:
            ProblemError: there are too many.
        """
        if rows > self._limits.max_events:
            raise ProblemError(TOO_MANY_EVENTS, f"send at most {self._limits.max_events} events in a request")

    def check(self, rows: Sequence[bytes], size: int = sys.maxsize) -> None:
        """Let all rows of a kind pass; `size` is how many bytes they have together, where that is known.

        Raises:
            ProblemError: one is too large, or holds too much in one place.
        """
        if size > self._harmless and len(max(rows, key=len)) > self._harmless:
            for index, row in enumerate(rows):
                if len(row) > self._harmless:
                    self._check(index, row)

    def _check(self, index: int, row: bytes) -> None:
        limits = self._limits
        if len(row) > limits.max_event_bytes:
            reason = f"makes {len(row)} bytes, at most {limits.max_event_bytes} are taken"
            raise ProblemError(EVENT_TOO_LARGE, CORRECT_AND_REPEAT, [field_error(index, "", reason)])
        if (
            len(row) > limits.max_text_length
            or row.count(b'":') > limits.max_keys
            or (self._minds_nesting and row.count(b"[") + row.count(b"{") > limits.max_nesting)
        ):
            errors = [field_error(index, *found) for found in self._excesses(row)]
            if errors:
                raise ProblemError(BAD_FIELDS, CORRECT_AND_REPEAT, errors[:1])

    def _excesses(self, row: bytes) -> Iterator[tuple[str, str]]:
        """Each place where a limit is passed, and why."""
        limits = self._limits
        open_values: list[tuple[str, int, Any]] = [("", 0, _decoder.decode(row))]
        while open_values:
            path, level, value = open_values.pop()
            if isinstance(value, str):
                if len(value) > limits.max_text_length:
                    yield path, f"has {len(value)} characters, at most {limits.max_text_length} are taken"
                continue
            if not isinstance(value, dict | list):
                continue
            if level > limits.max_nesting:
                yield path, f"is nested more than {limits.max_nesting} levels deep"
                continue
            if isinstance(value, dict) and len(value) > limits.max_keys:
                yield path, f"has {len(value)} keys, at most {limits.max_keys} are taken"
                continue
            members = value.items() if isinstance(value, dict) else enumerate(value)
            open_values += [(f"{path}.{name}".lstrip("."), level + 1, member) for name, member in members]


_decoder = msgspec.json.Decoder()
