"""Writes the price tables of tenants."""

import time
from collections.abc import Sequence

import msgspec

from query_api import errors
from query_api.records import Records
from runtime.problems import ProblemError
from schemas.prices import ModelPrice, PriceTable


class PriceRegistrar:
    """Every method returns once this process has read its own record back, with its offset by topic.

    `by` is the id of the operator who asks. Every method raises ProblemError: KAFKA_AWAY, the outcome is
    unknown; CONFLICT, others kept changing it.
    """

    def __init__(self, records: Records) -> None:
        """Decide by what has been read."""
        self._records = records

    async def put(
        self,
        tenant_id: str,
        currency: str,
        prices: Sequence[ModelPrice],
        *,
        by: str,
        version: int | None,
    ) -> dict[str, int]:
        """Put a table in the place of the one before; the same changes nothing.

        Raises:
            ProblemError: CONFLICT also when the table is not at `version`.
        """

        def changed(table: PriceTable) -> PriceTable:
            if version not in {None, table.version}:
                detail = f"Its version is {table.version} by now: read it again."
                raise ProblemError(errors.CONFLICT, detail)
            if not table.deleted and (table.currency, table.prices) == (currency, tuple(prices)):
                return table
            return _next(table, by, currency=currency, prices=tuple(prices), deleted=False)

        _, offsets = await self._records.change(_nothing(tenant_id), changed)
        return offsets

    async def delete(self, tenant_id: str, *, by: str) -> dict[str, int]:
        """Leave the built-in table in force; where there is no other, nothing changes."""

        def deleted(table: PriceTable) -> PriceTable:
            return table if table.deleted else _next(table, by, prices=(), deleted=True)

        _, offsets = await self._records.change(_nothing(tenant_id), deleted)
        return offsets


def _nothing(tenant_id: str) -> PriceTable:
    return PriceTable(tenant_id, 0, "", (), 0, "", deleted=True)


def _next(table: PriceTable, by: str, **changes: object) -> PriceTable:
    now = time.time_ns() // 1_000_000
    return msgspec.structs.replace(table, version=table.version + 1, changed_at=now, changed_by=by, **changes)
