"""Whether all that was accepted is in the tables, each event once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clickhouse_connect.driver.asyncclient import AsyncClient

from infra.demo.delivery import Delivery
from schemas.control import DEFAULT_TENANT
from schemas.messages.registry import REPORT_ROUTES
from schemas.tables import TELEMETRY_TABLES


@dataclass(frozen=True, slots=True)
class StoredCount:
    """Rows in a table, and the distinct events among them."""

    rows: int = 0
    events: int = 0


# By agent, then by the name of the reporting route.
StoredCounts = Mapping[str, Mapping[str, StoredCount]]


async def count_stored(clickhouse: AsyncClient, agent_ids: Sequence[str]) -> StoredCounts:
    """Count what the tables hold of these agents.

    Raises:
        ClickHouseError: ClickHouse does not answer, or not this.
    """
    parts = [
        f"SELECT '{route.name}', agent_id, count(), uniqExact(batch_id, seq) "  # noqa: S608 - names from schemas, values bound
        f"FROM {TELEMETRY_TABLES[route.kind].table} "
        "WHERE tenant_id = {tenant:String} AND agent_id IN {agents:Array(String)} GROUP BY agent_id"
        for route in REPORT_ROUTES
    ]
    values = {"tenant": DEFAULT_TENANT, "agents": list(agent_ids)}
    result = await clickhouse.query(" UNION ALL ".join(parts), parameters=values)
    counts: dict[str, dict[str, StoredCount]] = {agent_id: {} for agent_id in agent_ids}
    for route, agent_id, rows, events in result.result_rows:
        counts[agent_id][route] = StoredCount(int(rows), int(events))
    return counts


def missing(deliveries: Mapping[str, Delivery], stored: StoredCounts) -> int:
    """How many accepted events are in no table; pure."""
    return sum(
        max(0, counts.accepted - _count(stored, agent_id, route).events)
        for agent_id, delivery in deliveries.items()
        for route, counts in delivery.routes.items()
    )


def faults(deliveries: Mapping[str, Delivery], stored: StoredCounts) -> list[str]:
    """What is wrong with the tables, a line each, empty when nothing is; pure.

    Events without an answer may be in the tables or not: both are right.
    """
    found = []
    for agent_id, delivery in deliveries.items():
        for route, counts in delivery.routes.items():
            there = _count(stored, agent_id, route)
            if there.events < counts.accepted:
                found.append(
                    f"{agent_id}: {counts.accepted - there.events} accepted {route} events are missing"
                )
            if there.rows > there.events:
                found.append(f"{agent_id}: {there.rows - there.events} {route} rows are stored twice")
            if there.events > counts.accepted + counts.unanswered:
                extra = there.events - counts.accepted - counts.unanswered
                found.append(f"{agent_id}: {extra} {route} events were stored and never sent")
    return found


def events_of(stored: StoredCounts, agent_id: str) -> int:
    """The distinct events of an agent in all tables; pure."""
    return sum(count.events for count in stored.get(agent_id, {}).values())


def _count(stored: StoredCounts, agent_id: str, route: str) -> StoredCount:
    return stored.get(agent_id, {}).get(route, StoredCount())
