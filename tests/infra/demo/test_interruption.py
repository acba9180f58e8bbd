"""What Ctrl-C means."""

import asyncio
import signal

import pytest

from infra.demo.interruption import Interruption


async def test_each_signal_goes_one_stage_on() -> None:
    interruption = Interruption()

    async def demo() -> None:
        with interruption.handle_signals():
            signal.raise_signal(signal.SIGINT)
            await interruption.stop_work.wait()
            assert not interruption.stop_waiting.is_set()
            signal.raise_signal(signal.SIGTERM)
            await interruption.stop_waiting.wait()
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()

    async with asyncio.timeout(60):
        task = asyncio.create_task(demo())
        with pytest.raises(asyncio.CancelledError):
            await task
    assert task.cancelled()


async def test_afterwards_signals_are_the_interpreters_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruption().handle_signals():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
