"""Cursors of paged lists: where a page ended, as one opaque text."""

import base64
import binascii
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec

from query_api import errors
from runtime.problems import ProblemError

_MAX_CHARACTERS = 2048

# What a DateTime64(3), a UInt32 and a Date can hold, so that no cursor makes ClickHouse fail.
_Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=9_214_646_400_000)]
_Microseconds = Annotated[int, msgspec.Meta(ge=0, le=9_214_646_400_000_000)]
_Days = Annotated[int, msgspec.Meta(ge=0, le=2**16 - 1)]
_UInt32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class RowCursor(msgspec.Struct, frozen=True, array_like=True, tag="row"):
    """The last row of a page of telemetry: its timestamp in milliseconds and its event's identity."""

    timestamp: _Milliseconds
    batch_id: UUID
    seq: _UInt32


class EventCursor(msgspec.Struct, frozen=True, array_like=True, tag="event"):
    """The last row of a page of derived events: its time in milliseconds and its id or fingerprint."""

    time: _Milliseconds
    id: str


class StepCursor(msgspec.Struct, frozen=True, array_like=True, tag="step"):
    """The last row of a page of agents' events, whose timestamps have microseconds."""

    microseconds: _Microseconds
    batch_id: UUID
    seq: _UInt32


class RunCursor(msgspec.Struct, frozen=True, array_like=True, tag="run"):
    """The last run of a page: when it started, in microseconds, and whose it is."""

    microseconds: _Microseconds
    agent_id: str
    run_id: str


class RankCursor(msgspec.Struct, frozen=True, array_like=True, tag="rank"):
    """The last agent of a page that is ordered by trust: its rank, null without a score, and its id."""

    score: float | None
    name: str


class SpendCursor(msgspec.Struct, frozen=True, array_like=True, tag="spend"):
    """The last sum of a page: its first day, counted from 1970, and what it is of."""

    day: _Days
    name: str
    currency: str


class DecisionCursor(msgspec.Struct, frozen=True, array_like=True, tag="decision"):
    """The last decision of a page: its time in microseconds, and its id."""

    microseconds: _Microseconds
    id: str


Cursor = RowCursor | EventCursor | StepCursor | RunCursor | RankCursor | SpendCursor | DecisionCursor
CursorT = TypeVar("CursorT", bound=Cursor)


def encode_cursor(cursor: Cursor) -> str:
    """The cursor's text, safe in a URL.

    It is not signed: it holds nothing that its reader did not get, and the tenant never comes from it.
    """
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode_cursor(text: str | None, expected: type[CursorT]) -> CursorT | None:
    """Read a cursor; None stays None.

    Raises:
        ProblemError: INVALID; the text is no cursor of this list.
    """
    if text is None:
        return None
    try:
        if len(text) > _MAX_CHARACTERS:
            raise _not_a_cursor()
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(data, type=expected)
    except (binascii.Error, ValueError) as error:
        raise _not_a_cursor() from error


def _not_a_cursor() -> ProblemError:
    reason = "not a cursor of this list: leave it out, or take `next_cursor` of the page before"
    return ProblemError(
        errors.INVALID, "See `errors` for each field.", [{"in": "query", "field": "cursor", "reason": reason}]
    )
