"""The price tables in memory: built from the control records, asked on each request; pure."""

import msgspec

from ingest_gateway.pricing import BUILT_IN, Prices
from schemas.prices import PriceTable


class PriceIndex:
    """What is in force for each tenant."""

    def __init__(self) -> None:
        """Nobody has a table of its own: the built-in one is everybody's."""
        self._tenants: dict[str, Prices] = {}

    def apply(self, _topic: str, _key: str, data: msgspec.Struct) -> None:
        """Take a changed control record, in the log's order; other kinds of records count for nothing."""
        if not isinstance(data, PriceTable):
            return
        if data.deleted:
            self._tenants.pop(data.tenant_id, None)
        else:
            self._tenants[data.tenant_id] = Prices(data.version, data.currency, data.prices)

    def of(self, tenant_id: str) -> Prices:
        """The prices of a tenant."""
        return self._tenants.get(tenant_id, BUILT_IN)
