"""Waiting for a condition."""

import asyncio
import time

from infra.demo.waiting import wait_until


async def test_it_returns_when_the_condition_holds() -> None:
    answers = iter([False, True])

    async def condition() -> bool:
        return next(answers)

    assert await wait_until(condition, 10, asyncio.Event())


async def never() -> bool:
    return False


async def test_it_ends_at_the_deadline_after_one_look() -> None:
    assert not await wait_until(never, 0, asyncio.Event())


async def test_it_ends_when_told_to_give_up() -> None:
    give_up = asyncio.Event()
    began = time.monotonic()
    waiting = asyncio.create_task(wait_until(never, 600, give_up))
    await asyncio.sleep(0)
    give_up.set()
    assert not await waiting
    assert time.monotonic() - began < 5
