"""The newest row of each agent: looked for in the last day first, as days part the tables."""

from collections.abc import Callable, Collection, Sequence

from query_api.database import Database, Row
from query_api.queries.query import Query
from query_api.time_parts import DAY_MS, WEEK_MS

_MOST_NAMED = 1000  # more agents are not named in the query; then it is about all of the tenant

# The agents' ids, none for all, and how far back, None for the beginning; it gives one row an agent.
NewestQuery = Callable[[Sequence[str], int | None], Query]


async def newest_of_agents(
    database: Database, query: NewestQuery, agent_ids: Collection[str], now: int, oldest: int | None = None
) -> dict[str, Row]:
    """By id the newest row since `oldest` (milliseconds) of each of the agents, and maybe of others.

    Whoever is not found in the last day is asked for once more, by name: of a fleet that works these are few.
    Where they are many, the last week is looked through first.

    Raises:
        ProblemError: ClickHouse is away, or it took too long.
    """
    if not agent_ids:
        return {}
    recent = _by_agent(await database.rows(query(_named(agent_ids), now - DAY_MS)))
    missing = [agent_id for agent_id in agent_ids if agent_id not in recent]
    if len(missing) > _MOST_NAMED:
        recent = _by_agent(await database.rows(query((), max(now - WEEK_MS, oldest or 0)))) | recent
        missing = [agent_id for agent_id in missing if agent_id not in recent]
    if not missing:
        return recent
    return _by_agent(await database.rows(query(_named(missing), oldest))) | recent


def _named(agent_ids: Collection[str]) -> Sequence[str]:
    return list(agent_ids) if len(agent_ids) <= _MOST_NAMED else ()


def _by_agent(rows: Sequence[Row]) -> dict[str, Row]:
    return {row["agent_id"]: row for row in rows}
