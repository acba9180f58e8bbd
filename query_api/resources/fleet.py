"""A tenant's fleet at a glance."""

from pydantic import BaseModel, Field

from query_api.resources.status import StatusName
from query_api.resources.values import Moment
from schemas.derived import TrustLevel
from schemas.messages.values import LogLevel, Severity


class Spent(BaseModel):
    """Money of one currency; exact, and so a text."""

    currency: str
    spent: str = Field(examples=["12.340000000000"])


class FleetDay(BaseModel):
    """What came in the last 24 hours: whole hours for logs and calls."""

    log_entries: dict[LogLevel, int]
    calls: int
    call_failures: int
    violations: dict[Severity, int]


class FleetOverview(BaseModel):
    """How many agents are in each status and at each level of trust, which alerts fire, and the last day.

    Agents that were not heard of in 30 days are `unknown`, and have no level.
    """

    tenant_id: str
    as_of: Moment
    agents: int
    by_status: dict[StatusName, int]
    by_trust_level: dict[TrustLevel, int]
    open_alerts: dict[Severity, int]
    last_24_hours: FleetDay
    spent_today: list[Spent]
