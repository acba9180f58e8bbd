"""Erasures: what is to be gone for good, of an agent or of a person, also from whatever is rebuilt later."""

import re
from enum import StrEnum

import msgspec

from schemas.tables import Table

ERASED = "[erased]"

# Who read what is evidence about readers: an agent's end does not end it, its own retention does.
KEPT_OF_AGENTS = frozenset({Table.ACCESS_AUDIT})


class ErasureMode(StrEnum):
    """What becomes of what is found: its rows go, or ERASED takes the place of the value in them.

    An agent that is anonymised leaves its figures, under a pseudonym that nobody can lead back.
    """

    ERASE = "erase"
    ANONYMISE = "anonymise"


class ErasureState(StrEnum):
    """How far the job is."""

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"


class TableReport(msgspec.Struct, frozen=True):
    """How many rows of a table were found, and how many of them are left as they were."""

    table: str
    found: int
    left: int


class Remainder(msgspec.Struct, frozen=True):
    """A place where something may still be, until when (milliseconds, None: compaction decides), and why."""

    place: str
    until: int | None
    why: str


class Erasure(msgspec.Struct, frozen=True):
    """An erasure, of either an agent or a value in texts; times in milliseconds.

    It holds for what was received up to `up_to`, whoever reads that again; `value` is None as well once
    nothing can be read again that may hold it. `requested_by` is an operator's id. `moved_by` is the attempt
    at moving an agent's rows that counts, while that goes on; it says nothing of the pseudonym.
    """

    erasure_id: str
    tenant_id: str
    mode: ErasureMode
    requested_at: int
    requested_by: str
    agent_id: str | None = None
    value: str | None = None
    reason: str = ""
    state: ErasureState = ErasureState.REQUESTED
    up_to: int = 0
    moved_by: str = ""
    waits_for: str = ""
    tables: tuple[TableReport, ...] = ()
    remains: tuple[Remainder, ...] = ()
    finished_at: int | None = None

    @property
    def moves_rows(self) -> bool:
        """Whether an agent's figures stay, under a pseudonym."""
        return self.agent_id is not None and self.mode is ErasureMode.ANONYMISE


class ErasedAgent(msgspec.Struct, frozen=True):
    """What the rules read of an erasure; never the value, which would stand in one more log."""

    tenant_id: str
    erasure_id: str
    agent_id: str | None = None
    state: ErasureState = ErasureState.REQUESTED

    @property
    def agent_key(self) -> str:
        """`tenant/agent`; only of an erasure of an agent."""
        return f"{self.tenant_id}/{self.agent_id}"


def value_pattern(value: str) -> str:
    """What finds a value in a text, as RE2 and Python read it: in any case, also as JSON writes it."""
    written = msgspec.json.encode(value).decode()[1:-1]
    ways = sorted({value, written}, key=len, reverse=True)
    return f"(?i)(?:{'|'.join(map(re.escape, ways))})"
