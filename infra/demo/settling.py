"""Waiting until the stack shows all that it accepted: in its tables, and in what its processors say."""

import asyncio

from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.demo.agent import DemoAgent
from infra.demo.fleet import Fleet
from infra.demo.results import is_settled
from infra.demo.site import Site
from infra.demo.stored import StoredCounts, count_stored, missing
from infra.demo.waiting import wait_until
from infra.errors import StackError

_STORED_SECONDS = 60.0
_SETTLED_SECONDS = 30.0


async def wait_until_stored(fleet: Fleet, site: Site, give_up: asyncio.Event) -> StoredCounts:
    """The counts once nothing accepted is missing, or as they are after a minute or at `give_up`.

    Raises:
        StackError: ClickHouse did not answer, not even at the end.
    """
    counts: StoredCounts | None = None
    reason = ""

    async def nothing_missing() -> bool:
        nonlocal counts, reason
        try:
            counts = await count_stored(site.clickhouse, fleet.agent_ids)
        except (ClickHouseError, OSError, TimeoutError) as error:
            # It may be starting again: it has as long as the rows have.
            reason = str(error) or type(error).__name__
            return False
        return missing(fleet.deliveries, counts) == 0

    await wait_until(nothing_missing, _STORED_SECONDS, give_up)
    if counts is None:
        raise StackError(f"ClickHouse does not answer ({reason}): look at `promethios logs clickhouse`.")
    return counts


async def wait_until_settled(fleet: Fleet, site: Site, give_up: asyncio.Event) -> list[DemoAgent]:
    """The agents whose last reports the processors have not taken: none, or those left when time is up."""
    waiting = list(fleet.agents)

    async def all_settled() -> bool:
        while waiting:
            try:
                settled = await is_settled(waiting[-1], site.query)
            except StackError:
                # The same as above; reading the table will say so if it lasts.
                return False
            if not settled:
                return False
            waiting.pop()
        return True

    await wait_until(all_settled, _SETTLED_SECONDS, give_up)
    return waiting
