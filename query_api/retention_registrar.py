"""Writes how long tenants' rows are kept."""

import time

import msgspec

from query_api.records import Records
from schemas.retention import Retention


class RetentionRegistrar:
    """Returns once this process has read its own records back, with their offsets by topic."""

    def __init__(self, records: Records) -> None:
        """Decide by what has been read."""
        self._records = records

    async def put(self, tenant_id: str, days: dict[str, int], *, by: str) -> dict[str, int]:
        """Put days by table in the place of those before; `by` is the operator's id.

        Raises:
            ProblemError: KAFKA_AWAY, the outcome is unknown; CONFLICT, others kept changing it.
        """

        def changed(retention: Retention) -> Retention:
            if retention.days == days:
                return retention
            now = time.time_ns() // 1_000_000
            return msgspec.structs.replace(retention, days=days, changed_at=now, changed_by=by)

        _, offsets = await self._records.change(Retention(tenant_id, {}, 0, ""), changed)
        return offsets
