"""Waiting for a condition, with a deadline and a way out."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

_POLL_SECONDS = 0.25


async def wait_until(
    condition: Callable[[], Awaitable[bool]], seconds: float, give_up: asyncio.Event
) -> bool:
    """Ask until the condition holds; False after `seconds`, or soon after `give_up` is set."""
    deadline = time.monotonic() + seconds
    while True:
        if await condition():
            return True
        if give_up.is_set() or time.monotonic() >= deadline:
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(give_up.wait(), _POLL_SECONDS)
