"""What the command line asks of the query API about erasures and exports."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from infra.cli.client import QueryClient, decoded

_ERASURES = "/api/v1/erasures"


class ErasedTable(msgspec.Struct, frozen=True):
    """How many rows a table had of it, and how many it has."""

    table: str
    found: int
    left: int


class Remainder(msgspec.Struct, frozen=True):
    """Where something may still be."""

    place: str
    until: str | None
    why: str


class ErasureDetails(msgspec.Struct, frozen=True):
    """An erasure without the value itself."""

    erasure_id: str
    tenant_id: str
    agent_id: str | None
    value_characters: int | None
    mode: str
    reason: str
    state: str
    requested_at: str
    requested_by: str
    up_to: str | None
    waits_for: str
    finished_at: str | None
    tables: list[ErasedTable]
    remains: list[Remainder]

    @property
    def is_done(self) -> bool:
        """Whether the report is final."""
        return self.finished_at is not None


class _Erasures(msgspec.Struct, frozen=True):
    erasures: list[ErasureDetails]


class PrivacyClient:
    """Every method raises StackError when it fails; `wanted` names fields as the query API does."""

    def __init__(self, client: QueryClient) -> None:
        """Ask through `client`."""
        self._client = client

    def erase(self, wanted: Mapping[str, object]) -> ErasureDetails:
        """Begin to erase."""
        return decoded(self._client.send("POST", _ERASURES, json=wanted), ErasureDetails)

    def erasure(self, erasure_id: str) -> ErasureDetails:
        """How far one is."""
        return decoded(self._client.send("GET", f"{_ERASURES}/{quote(erasure_id, safe='')}"), ErasureDetails)

    def erasures(self) -> list[ErasureDetails]:
        """All of the tenant, oldest first."""
        return decoded(self._client.send("GET", _ERASURES), _Erasures).erasures

    def export(self, agent_id: str, path: Path) -> None:
        """Write all data of an agent into a ZIP file."""
        self._client.save(f"/api/v1/agents/{quote(agent_id, safe='')}/export", path)
