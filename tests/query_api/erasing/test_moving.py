"""An agent's rows become nobody's on a real engine: whoever is killed or joins in, none is doubled."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from query_api.erasing import job
from query_api.erasing.job import NotErasedError
from query_api.erasing.moves import PSEUDONYM_PREFIX
from query_api.erasing.moving import NotMovedError
from query_api.queries.query import Query
from runtime.problems import ProblemError
from schemas.erasures import ErasureState, TableReport
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.erasing.small_world import ROWS, Killed, SmallWorld, Steps, small_world

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

FIGURES = (ROWS, sum(range(ROWS)))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "_GRACE_SECONDS", 0)
    monkeypatch.setattr(job, "_POLL_SECONDS", 0)


@pytest.fixture
async def world(query_clickhouse: EmbeddedClickHouse) -> AsyncIterator[SmallWorld]:
    async with small_world(query_clickhouse) as world:
        yield world


async def check(world: SmallWorld, agents: int) -> None:
    """All agents' rows are pseudonyms' now, each once, and the roll-up says what a recount says."""
    notes, roll_up = await world.found("notes"), await world.found("notes_1d")
    assert list(notes.values()) == [FIGURES] * agents
    assert roll_up == notes
    assert all(name.startswith(PSEUDONYM_PREFIX) for name in notes)
    assert await world.leftovers() == []
    assert (world.record.state, world.record.moved_by) == (ErasureState.DONE, "")


async def test_the_figures_stay_and_the_texts_go(world: SmallWorld) -> None:
    agent_id = await world.begin()
    batches = Query("SELECT groupArray(batch_id) AS batches FROM notes", {})
    [before] = await world.database.rows(batches)
    await world.carry_out()
    await check(world, 1)
    found = await world.database.rows(Query("SELECT * FROM notes", {}))
    assert {row["message"] for row in found} == {""}
    assert not {row["batch_id"] for row in found} & set(before["batches"])
    assert agent_id not in str(found)
    assert world.record.tables == (TableReport("notes", ROWS, 0), TableReport("notes_1d", 2, 0))


async def test_a_job_that_is_killed_at_any_step_is_done_by_the_next(world: SmallWorld) -> None:
    await world.begin()
    steps = (await world.carry_out()).taken
    for fatal in range(1, steps + 1):
        await world.clear()
        await world.begin()
        with pytest.raises(Killed):
            await world.carry_out(fatal)
        await world.carry_out()
        await check(world, 1)


async def test_many_that_do_it_at_once_do_it_once(world: SmallWorld) -> None:
    await world.begin()

    async def until_done() -> None:
        while world.record.state is not ErasureState.DONE:
            try:
                await world.carry_out()
            except (ProblemError, ClickHouseError, NotErasedError, NotMovedError):
                # As the runner does: it is tried again.
                continue

    await asyncio.gather(*(until_done() for _ in range(3)))
    await check(world, 1)


async def test_one_that_wakes_when_others_have_done_it_leaves_nothing(world: SmallWorld) -> None:
    await world.begin()
    woken, sleeps = asyncio.Event(), asyncio.Event()
    asked = world.record
    late, database = world.job(Steps())

    async def sleep_before_attaching(statement: Query) -> None:
        if "ATTACH" in statement.sql:
            sleeps.set()
            await woken.wait()

    database.before = sleep_before_attaching
    sleeper = asyncio.create_task(late.carry_out(asked))
    await asyncio.wait_for(sleeps.wait(), 60)
    await world.carry_out()
    woken.set()
    with pytest.raises(ProblemError):
        await sleeper
    await check(world, 1)


async def test_what_is_too_old_but_still_there_does_not_stop_it(world: SmallWorld) -> None:
    """A part is dropped when all its rows are too old: of copies, all are, of the rows beside others not."""
    agent_id = await world.begin()
    columns = "tenant_id String, agent_id String, received_at DateTime"
    settings = "TTL received_at + INTERVAL 1 DAY SETTINGS ttl_only_drop_parts = 1"
    await world.database.run(
        Query(f"CREATE TABLE old ({columns}) ENGINE = MergeTree ORDER BY agent_id {settings}", {})
    )
    rows = "SELECT 'acme', {agent:String}, now() - INTERVAL 2 DAY UNION ALL SELECT 'acme', 'kept', now()"
    await world.database.run(Query(f"INSERT INTO old {rows}", {"agent": agent_id}))
    await world.carry_out()
    await check(world, 1)
    assert TableReport("old", 1, 0) in world.record.tables
    [row] = await world.database.rows(Query("SELECT groupUniqArray(agent_id) AS agents FROM old", {}))
    assert agent_id not in row["agents"]
    assert "kept" in row["agents"]
