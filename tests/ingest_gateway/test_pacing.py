"""Bodies take turns: in order, a bounded amount of work a turn, a bounded amount waiting."""

import asyncio
from collections.abc import Awaitable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.pacing import Pace
from runtime.problems import ProblemError


async def pass_through(pace: Pace, sizes: list[int]) -> list[list[int]]:
    """The bodies (by their number) that were worked on in each turn of the loop."""
    turns: list[list[int]] = [[]]

    async def work(number: int, size: int) -> None:
        if not pace.take(size):
            await pace.turn(size)
        turns[-1].append(number)

    tasks = [asyncio.create_task(work(number, size)) for number, size in enumerate(sizes)]
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        turns.append([])
    await asyncio.gather(*tasks)
    return [turn for turn in turns if turn]


@given(st.lists(st.integers(0, 300), max_size=40))
async def test_bodies_pass_in_order_and_a_turn_ends_when_its_bytes_are_spent(sizes: list[int]) -> None:
    pace = Pace(1_000_000, bytes_a_turn=100)
    turns = await pass_through(pace, sizes)
    assert [number for turn in turns for number in turn] == list(range(len(sizes)))
    assert all(sum(sizes[number] for number in turn[:-1]) < 100 for turn in turns)
    assert pace.waiting_bytes == 0


async def test_what_fits_into_a_turn_waits_for_nothing() -> None:
    assert len(await pass_through(Pace(0, bytes_a_turn=100), [30, 30, 30])) == 1


async def refusal(turn: Awaitable[None]) -> str:
    with pytest.raises(ProblemError) as refused:
        await turn
    return refused.value.kind.tag


async def test_no_more_waits_than_may() -> None:
    pace = Pace(100, bytes_a_turn=10)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(pace.turn(100))
        refused = group.create_task(refusal(pace.turn(1)))
    assert refused.result() == "overloaded"
    assert pace.waiting_bytes == 0


async def test_one_who_has_gone_keeps_nobody_waiting() -> None:
    pace = Pace(1_000, bytes_a_turn=10)
    gone, next_one = (asyncio.create_task(pace.turn(10)) for _ in range(2))
    asyncio.get_running_loop().call_soon(gone.cancel)
    async with asyncio.timeout(60):
        await next_one
    assert gone.cancelled()
    assert pace.waiting_bytes == 0
