"""Which rows of tenants have outlived what their tenant wants; pure."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from schemas.retention import Retention
from schemas.tables import ROLLED_UP, Resolution, Table, roll_up


class Expired(NamedTuple):
    """Rows of one tenant in one table that arrived before a day; `column` says when a row arrived."""

    tenant_id: str
    table: str
    column: str
    before: date

    @property
    def condition(self) -> str:
        """What holds for these rows, with placeholders for `parameters`."""
        return f"tenant_id = {{tenant_id:String}} AND {self.column} < {{before:Date}}"

    @property
    def parameters(self) -> dict[str, str]:
        """The values of the condition."""
        return {"tenant_id": self.tenant_id, "before": self.before.isoformat()}


def expired(retentions: Iterable[Retention], today: date) -> Iterator[Expired]:
    """What may go, whole days only: in the tables that are named, and in the roll-ups made of them."""
    for retention in retentions:
        for name, days in sorted(retention.days.items()):
            table, before = Table(name), today - timedelta(days=days)
            yield Expired(retention.tenant_id, name, "received_at", before)
            if table in ROLLED_UP:
                for resolution in Resolution:
                    yield Expired(retention.tenant_id, roll_up(table, resolution), "day", before)
