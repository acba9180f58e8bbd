"""A job's steps on parts that only pretend: what is repeated, what is waited for, what is reported."""

from collections.abc import Callable, Mapping
from typing import cast

import msgspec
import pytest
from aiokafka import TopicPartition

from query_api.database import Database, Row
from query_api.erasing import job
from query_api.erasing.agents import AgentEnding
from query_api.erasing.columns import COLUMNS
from query_api.erasing.job import ErasureJob, NotErasedError
from query_api.erasing.writer_progress import WriterProgress
from query_api.queries.query import Query
from query_api.records import Records
from schemas.erasures import Erasure, ErasureMode, ErasureState, TableReport
from schemas.identity import AgentRef

PLACE = TopicPartition("t", 0)
AGENT = Erasure("e1", "acme", ErasureMode.ERASE, 1, "ada", agent_id="gone")


class World:
    """One table of an agent's rows; each ALTER takes so many, and what happened is noted in order."""

    def __init__(self, rows: int, taken: int = 1_000, polls_behind: int = 0) -> None:
        self.rows_left = rows
        self.taken = taken
        self.polls_behind = polls_behind
        self.record = AGENT
        self.done: list[str] = []

    async def change(
        self, _: Erasure, alter: Callable[[Erasure], Erasure]
    ) -> tuple[Erasure, Mapping[str, int]]:
        before, self.record = self.record, alter(self.record)
        if before.waits_for != self.record.waits_for:
            self.done.append(f"waits for {self.record.waits_for[:10] or 'nothing'}")
        if before.state is not self.record.state:
            self.done.append(self.record.state)
        return self.record, {}

    async def revoke(self, ref: AgentRef, *, by: str) -> None:
        self.done.append(f"{by} revokes {ref.key}")

    async def end(self, ref: AgentRef) -> None:
        self.done.append(f"ends {ref.key}")

    async def ends(self) -> dict[TopicPartition, int]:
        return {PLACE: 5}

    async def behind(self, ends: Mapping[TopicPartition, int]) -> list[TopicPartition]:
        self.polls_behind -= 1
        return list(ends) if self.polls_behind >= 0 else []

    async def rows(self, query: Query) -> list[Row]:
        if query is COLUMNS:
            names = ("tenant_id", "agent_id")
            return [{"table": "logs", "name": name, "type": "String", "is_key": 1} for name in names]
        return [{"rows": self.rows_left}]

    async def run(self, _: Query) -> None:
        self.done.append("alters")
        self.rows_left = max(0, self.rows_left - self.taken)

    async def carry_out(self, known: Erasure | None = None) -> None:
        made = ErasureJob(
            cast("Records", self),
            cast("AgentEnding", self),
            cast("Database", self),
            cast("WriterProgress", self),
        )
        await made.carry_out(known or self.record)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "_GRACE_SECONDS", 0)
    monkeypatch.setattr(job, "_POLL_SECONDS", 0)


async def test_the_steps_come_in_this_order() -> None:
    world = World(rows=7, polls_behind=2)
    await world.carry_out()
    assert world.done == [
        "ada revokes acme/gone",
        "running",
        "waits for the writer",
        "waits for nothing",
        "alters",
        "ends acme/gone",
        "done",
    ]
    assert world.record.tables == (TableReport("logs", 7, 0),)
    assert world.record.up_to > 0
    assert world.record.remains
    assert world.record.finished_at


async def test_what_comes_in_meanwhile_is_erased_by_the_next_round() -> None:
    world = World(rows=7, taken=3)
    await world.carry_out()
    assert world.done.count("alters") == 3


async def test_it_is_not_done_while_rows_are_left() -> None:
    world = World(rows=7, taken=0)
    with pytest.raises(NotErasedError, match="logs has 7 rows"):
        await world.carry_out()
    assert world.record.state is ErasureState.RUNNING
    assert world.record.tables == (TableReport("logs", 7, 7),)


async def test_a_job_that_goes_on_counts_what_was_found_first() -> None:
    world = World(rows=7, taken=0)
    with pytest.raises(NotErasedError):
        await world.carry_out()
    world.rows_left, world.taken, up_to = 2, 2, world.record.up_to
    await world.carry_out()
    assert world.record.tables == (TableReport("logs", 7, 0),)
    assert world.record.up_to == up_to
    assert world.done.count("ada revokes acme/gone") == 1


async def test_what_another_process_has_done_is_left_alone() -> None:
    """By then the id may be somebody else's."""
    world = World(rows=7)
    stale = msgspec.structs.replace(world.record, state=ErasureState.RUNNING)
    world.record = msgspec.structs.replace(world.record, state=ErasureState.DONE)
    await world.carry_out(stale)
    assert world.done == []
    assert world.rows_left == 7
