"""How long rows are kept: the tiers that all tables share, and what a tenant has otherwise."""

from enum import IntEnum

import msgspec

from schemas.errors import InvalidMessageError
from schemas.tables import TELEMETRY_TABLES


class Tier(IntEnum):
    """Until how many days after its arrival a row is in each tier; the later, the better it is packed."""

    REALTIME = 1
    RECENT = 7
    HISTORICAL = 90
    ARCHIVED = 365


KEPT_DAYS = int(Tier.ARCHIVED)

# Of these a tenant may say how long; derived events are short, and what others decide by.
LIMITED_TABLES = frozenset(str(telemetry.table) for telemetry in TELEMETRY_TABLES.values())


class Retention(msgspec.Struct, frozen=True):
    """After how many days a tenant's rows of a table go, by table; those not named stay a year.

    `changed_at` is in milliseconds, `changed_by` an operator's id.
    """

    tenant_id: str
    days: dict[str, int]
    changed_at: int
    changed_by: str


def check_days(days: dict[str, int]) -> None:
    """Refuse what the tables cannot do.

    Raises:
        InvalidMessageError: a table is none of those that may be limited, or a number is out of bounds.
    """
    for table, number in days.items():
        if table not in LIMITED_TABLES:
            raise InvalidMessageError(
                f"{table!r} is none of {', '.join(sorted(LIMITED_TABLES))}", field="days"
            )
        if not 1 <= number <= KEPT_DAYS:
            raise InvalidMessageError(f"{table}: must be 1 to {KEPT_DAYS} days", field="days")
