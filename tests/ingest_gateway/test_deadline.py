"""The cheap time limit behaves as asyncio's does."""

import asyncio

import pytest

from ingest_gateway.deadline import Deadline


async def test_a_block_in_time_is_left_alone() -> None:
    with Deadline(3600):
        await asyncio.sleep(0)


async def test_a_block_that_takes_longer_times_out_and_the_task_goes_on() -> None:
    with pytest.raises(TimeoutError), Deadline(0.01):
        await asyncio.Event().wait()
    await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_cancellation_from_elsewhere_is_no_timeout() -> None:
    async def limited() -> None:
        with Deadline(3600):
            await asyncio.Event().wait()

    task = asyncio.create_task(limited())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(KeyError), Deadline(3600):
        raise KeyError
