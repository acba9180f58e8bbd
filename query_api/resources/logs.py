"""Logs of agents."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from query_api.queries.logs import LogSearch
from query_api.resources.values import Id, Moment, Parameters, RangeParameters
from schemas.messages.values import LogLevel

_SEPARATOR = ":"
_MOST_FIELDS = 8
_DEEPEST = 16


def _check_words(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("must have at least one letter or digit")
    return text


def _check_field(text: str) -> str:
    path, value = _split(text)
    if not path or not value:
        raise ValueError(f"must be path{_SEPARATOR}value, as in http.method{_SEPARATOR}GET")
    if path.count(".") >= _DEEPEST:
        raise ValueError(f"the path may have {_DEEPEST} steps")
    return text


Words = Annotated[str, AfterValidator(_check_words), Field(min_length=1, max_length=1024)]
ContextField = Annotated[str, AfterValidator(_check_field), Field(max_length=1024)]


class LogFilter(BaseModel):
    """Which entries, wherever they are read; all that is said must be true of an entry."""

    level: list[LogLevel] = Field(default=[], description="any of these; may be given several times")
    min_level: LogLevel | None = Field(default=None, description="this level and those above it")
    text: Words | None = Field(
        default=None,
        description="all these words, in any order; A to Z in any case",
        examples=["connection timeout"],
    )
    context: list[ContextField] = Field(
        default=[],
        max_length=_MOST_FIELDS,
        description="`path:value`, a field of the context; may be given several times",
        examples=[["http.method:GET"]],
    )
    governance_event: bool | None = None
    trace_id: str | None = Field(default=None, min_length=1, max_length=64)

    def search(self, start: int | None = None, end: int | None = None) -> LogSearch:
        """The same, for a query, within a time range in milliseconds."""
        return LogSearch(
            start=start,
            end=end,
            levels=self._levels(),
            text=self.text,
            fields=[_split(field) for field in self.context],
            governance_event=self.governance_event,
            trace_id=self.trace_id,
        )

    def _levels(self) -> list[LogLevel]:
        if self.min_level is None:
            return self.level
        ranks = list(LogLevel)
        above = ranks[ranks.index(self.min_level) :]
        return [level for level in above if not self.level or level in self.level]


class LogParameters(LogFilter, RangeParameters):
    """Which entries of an agent, page by page."""


class TenantLogParameters(LogParameters):
    """Which entries of a tenant, page by page."""

    agent: Id | None = Field(default=None, description="of this agent only")


class TailParameters(LogFilter, Parameters):
    """Which entries of an agent, as they come."""


class TenantTailParameters(TailParameters):
    """Which entries of a tenant, as they come."""

    agent: Id | None = Field(default=None, description="of this agent only")


class LogEntry(BaseModel):
    """One entry; `event_id` names it in evidence."""

    event_id: str
    agent_id: str
    timestamp: Moment
    received_at: Moment
    level: LogLevel
    message: str
    context: Any = None
    governance_event: bool
    trace_id: str | None
    span_id: str | None


class LogPage(BaseModel):
    """A page of log entries, newest first."""

    logs: list[LogEntry]
    next_cursor: str | None


def _split(field: str) -> tuple[str, str]:
    path, _, value = field.partition(_SEPARATOR)
    return path, value
