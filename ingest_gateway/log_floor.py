"""Leaves out log entries below the level from which on an agent's are kept; pure."""

import msgspec

from schemas.block import Kind
from schemas.messages.log import ReportedLogRow
from schemas.messages.values import LogLevel

_RANKS = {level: rank for rank, level in enumerate(LogLevel)}


def drop_below(rows: dict[Kind, list[msgspec.Struct]], floor: LogLevel) -> int:
    """Take the log rows below `floor` out of a request's rows, and say how many there were.

    Entries that say of themselves that they are about governance stay.
    """
    logs = rows.get(Kind.LOG)
    lowest = _RANKS[floor]
    if not logs or not lowest:
        return 0
    kept = [
        row
        for row in logs
        if not isinstance(row, ReportedLogRow) or row.governance_event or _RANKS[row.level] >= lowest
    ]
    rows[Kind.LOG] = kept
    return len(logs) - len(kept)
