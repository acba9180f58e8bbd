"""Retention: after how many days a tenant's rows go, by table."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.resources.values import Moment, from_milliseconds
from runtime.control_state import Entry
from schemas.errors import InvalidMessageError
from schemas.retention import KEPT_DAYS, LIMITED_TABLES, Retention, check_days


def _checked(days: dict[str, int]) -> dict[str, int]:
    try:
        check_days(days)
    except InvalidMessageError as error:
        raise ValueError(str(error)) from None
    return days


class NewRetention(BaseModel):
    """After how many days rows go, by table; tables that are left out keep theirs for a year."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"days": {"agent_logs": 30}}]})

    days: Annotated[dict[str, int], AfterValidator(_checked)]


class RetentionReport(BaseModel):
    """A tenant's days as they were put, and those in force for every table; version 0 is the default."""

    tenant_id: str
    version: int
    days: dict[str, int]
    in_force: dict[str, int] = Field(description="days by table, of all tables that may be limited")
    changed_at: Moment | None
    changed_by: str | None


def report_of(tenant_id: str, entry: Entry[Retention] | None) -> RetentionReport:
    """What is shown of a tenant's retention."""
    retention = None if entry is None else entry.data
    days = {} if retention is None else retention.days
    return RetentionReport.model_construct(
        tenant_id=tenant_id,
        version=0 if entry is None else entry.version,
        days=days,
        in_force={table: days.get(table, KEPT_DAYS) for table in sorted(LIMITED_TABLES)},
        changed_at=None if retention is None else from_milliseconds(retention.changed_at),
        changed_by=None if retention is None else retention.changed_by,
    )
