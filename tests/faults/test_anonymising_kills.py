"""The engine dies in the middle of a move: an agent's figures are there once, whatever was done by then."""

import asyncio
import random
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from query_api.erasing import job
from query_api.erasing.job import NotErasedError
from query_api.erasing.moves import PSEUDONYM_PREFIX
from query_api.erasing.moving import NotMovedError
from query_api.queries.query import Query
from runtime.problems import ProblemError
from schemas.erasures import ErasureState
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.erasing.small_world import ROWS, SmallWorld, Steps, small_world

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

SEED = 6
FIGURES = (ROWS, sum(range(ROWS)))
DEADLY = ("INSERT INTO `.anonymous", "ATTACH", "DELETE", "DROP TABLE")


async def carry_out_and_lose_the_engine(
    world: SmallWorld, clickhouse: EmbeddedClickHouse, deadly: str, delay: float
) -> None:
    """Kill it so many seconds after such a statement is sent; the job fails, or was quicker."""
    steps = Steps()
    under_test, database = world.job(steps)
    kills: list[asyncio.Task[None]] = []

    async def kill() -> None:
        await asyncio.sleep(delay)
        await asyncio.to_thread(clickhouse.kill)

    async def arm(statement: Query) -> None:
        if deadly in statement.sql and not kills:
            kills.append(asyncio.create_task(kill()))

    database.before = arm
    try:
        await under_test.carry_out(world.record)
    except (ProblemError, ClickHouseError, NotErasedError, NotMovedError, OSError):
        if not kills:
            raise
    await asyncio.gather(*kills)
    await asyncio.to_thread(clickhouse.start)


async def test_an_engine_that_dies_doubles_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_GRACE_SECONDS", 0)
    clickhouse = EmbeddedClickHouse(tmp_path).start()
    chance = random.Random(SEED)  # noqa: S311 - moments of a test
    try:
        async with small_world(clickhouse) as world:
            for lives, deadly in enumerate(DEADLY, 1):
                await world.begin()
                await carry_out_and_lose_the_engine(world, clickhouse, deadly, chance.uniform(0, 0.03))
                if world.record.state is not ErasureState.DONE:
                    await world.carry_out()
                notes = await world.found("notes")
                assert list(notes.values()) == [FIGURES] * lives
                assert await world.found("notes_1d") == notes
                assert all(name.startswith(PSEUDONYM_PREFIX) for name in notes)
                assert await world.leftovers() == []
    finally:
        clickhouse.kill()
