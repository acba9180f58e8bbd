"""Types that several resources share: ids, times and the parameters of pages."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)

from schemas.identity import ID_RULE, is_valid_id
from schemas.timestamps import from_datetime, to_rfc3339

MAX_PAGE = 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _check_id(text: str) -> str:
    if not is_valid_id(text):
        raise ValueError(f"must be {ID_RULE}")
    return text


def _check_moment(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 1970 <= aware.year <= 2261:
        raise ValueError("the year must be 1970 to 2261")
    return aware


Id = Annotated[str, AfterValidator(_check_id), Field(description=ID_RULE, examples=["scout-1"])]

Moment = Annotated[
    datetime,
    PlainSerializer(lambda moment: to_rfc3339(from_datetime(moment)), return_type=str, when_used="json"),
    Field(description="RFC 3339, UTC, with milliseconds", examples=["2026-01-31T12:00:00.250Z"]),
]

PreciseMoment = Annotated[
    datetime,
    PlainSerializer(
        lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        return_type=str,
        when_used="json",
    ),
    Field(description="RFC 3339, UTC, with microseconds", examples=["2026-01-31T12:00:00.250125Z"]),
]

AskedMoment = Annotated[
    datetime,
    AfterValidator(_check_moment),
    Field(description="RFC 3339; UTC where there is no offset", examples=["2026-01-31T12:00:00Z"]),
]


class Parameters(BaseModel):
    """Query parameters: unknown ones are refused, so that a misspelt filter cannot pass for none."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    tenant: Id | None = Field(default=None, description="for operators of all tenants; `default` if left out")


class PageParameters(Parameters):
    """Parameters of a paged list."""

    limit: int = Field(default=100, ge=1, le=MAX_PAGE, description="rows on a page")
    cursor: str | None = Field(default=None, description="`next_cursor` of the page before")


class TimeRange(BaseModel):
    """A time range, either side of which may be open."""

    start: AskedMoment | None = Field(default=None, alias="from", description="not before")
    end: AskedMoment | None = Field(default=None, alias="to", description="before")

    @field_validator("end")
    @classmethod
    def _check_order(cls, end: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("start")
        if start is not None and end is not None and end <= start:
            raise ValueError("must be after `from`")
        return end

    @property
    def start_ms(self) -> int | None:
        """`from` in milliseconds."""
        return None if self.start is None else from_datetime(self.start)

    @property
    def end_ms(self) -> int | None:
        """`to` in milliseconds."""
        return None if self.end is None else from_datetime(self.end)


class RangeParameters(TimeRange, PageParameters):
    """Parameters of a paged list within a time range."""


def from_milliseconds(milliseconds: int) -> datetime:
    """A control record's time as an answer's; not by way of a float, which loses milliseconds."""
    return _EPOCH + timedelta(milliseconds=milliseconds)
