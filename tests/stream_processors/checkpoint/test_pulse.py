"""Whether the group surely still counts this worker in."""

import asyncio
from types import SimpleNamespace

import pytest

from stream_processors.checkpoint import pulse as module
from stream_processors.checkpoint.pulse import GroupPulse


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_worker_that_was_never_counted_in_may_not_write() -> None:
    assert not GroupPulse(5.0).fresh


def test_a_beat_lasts_for_its_limit(clock: Clock) -> None:
    pulse = GroupPulse(5.0)
    pulse.beat()
    clock.now += 4.9
    assert pulse.fresh
    clock.now += 0.2
    assert not pulse.fresh


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("answer", [True, False])
async def test_heartbeats_of_the_consumer_count_when_they_are_answered_well(answer: bool) -> None:
    async def send() -> bool:
        await asyncio.sleep(0)
        return answer

    coordinator = SimpleNamespace(_do_heartbeat=send)
    pulse = GroupPulse(5.0)
    pulse.watch(SimpleNamespace(_coordinator=coordinator))
    assert await coordinator._do_heartbeat() is answer
    assert pulse.fresh is answer


async def test_a_heartbeat_counts_from_when_it_was_sent(clock: Clock) -> None:
    async def slow() -> bool:
        clock.now += 6
        return True

    coordinator = SimpleNamespace(_do_heartbeat=slow)
    pulse = GroupPulse(5.0)
    pulse.watch(SimpleNamespace(_coordinator=coordinator))
    await coordinator._do_heartbeat()
    assert not pulse.fresh
