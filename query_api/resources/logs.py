"""An agent's log."""

from typing import Any

from pydantic import BaseModel, Field, field_validator

from query_api.resources.values import Moment, RangeParameters
from schemas.messages.values import LogLevel


class LogParameters(RangeParameters):
    """Which entries: `level` may be given several times."""

    level: list[LogLevel] = Field(default=[], description="any of these")
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=1024,
        description="all these words, in any order; A to Z in any case",
        examples=["connection timeout"],
    )
    governance_event: bool | None = None

    @field_validator("text")
    @classmethod
    def _check_text(cls, text: str | None) -> str | None:
        if text is not None and not any(character.isalnum() for character in text):
            raise ValueError("must have at least one letter or digit")
        return text


class LogEntry(BaseModel):
    """One entry; `event_id` names it in evidence."""

    event_id: str
    timestamp: Moment
    received_at: Moment
    level: LogLevel
    message: str
    context: Any = None
    governance_event: bool


class LogPage(BaseModel):
    """A page of log entries, newest first."""

    logs: list[LogEntry]
    next_cursor: str | None
