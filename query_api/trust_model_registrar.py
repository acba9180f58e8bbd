"""Writes the trust models of tenants."""

import time

import msgspec

from query_api.records import Records
from schemas.control import TrustModel
from schemas.trust_model import TrustParameters


class TrustModelRegistrar:
    """Returns once this process has read its own records back, with their offsets by topic."""

    def __init__(self, records: Records) -> None:
        """Decide by what has been read."""
        self._records = records

    async def put(self, tenant_id: str, parameters: TrustParameters, *, by: str) -> dict[str, int]:
        """Put parameters in the place of those before; `by` is the operator's id.

        Raises:
            ProblemError: KAFKA_AWAY, the outcome is unknown; CONFLICT, others kept changing it.
        """

        def changed(model: TrustModel) -> TrustModel:
            if model.parameters == parameters:
                return model
            now = time.time_ns() // 1_000_000
            return msgspec.structs.replace(model, parameters=parameters, changed_at=now, changed_by=by)

        _, offsets = await self._records.change(TrustModel(tenant_id, TrustParameters(), 0, ""), changed)
        return offsets
