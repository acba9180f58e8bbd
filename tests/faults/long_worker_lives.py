"""Fifty seeded lives of one to three workers, and one of two that hangs for half a minute.

Run by `make faults-processors`; PROMETHIOS_TEST_SEEDS=10-19 picks some of the seeds.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.embedded_broker import EmbeddedBroker
from tests.faults.worker_lives import Fate, Life, Step, assert_equal, bind_by_policy, live

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(300)]

HUNG_SECONDS = 30.0


def seeds() -> Iterable[int]:
    """All fifty, or those that the environment names."""
    first, _, last = os.environ.get("PROMETHIOS_TEST_SEEDS", "0-49").partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("seed", seeds())
async def test_no_life_changes_anything(seed: int, victim: EmbeddedBroker, tmp_path: Path) -> None:
    await bind_by_policy(victim.address)
    assert_equal(await live(victim.address, tmp_path, seed), seed)


@pytest.mark.parametrize("static", [True, False], ids=["known by name", "strangers"])
async def test_one_of_two_hangs_for_half_a_minute(
    victim: EmbeddedBroker, tmp_path: Path, *, static: bool
) -> None:
    """The other takes over meanwhile; what the stale owner wakes up with counts for nothing."""
    steps = [
        Step(0.0, 1, Fate.RESTART),
        # Until both have partitions, and a checkpoint is under way.
        Step(12.0, 0, Fate.HANG, HUNG_SECONDS),
        Step(HUNG_SECONDS + 5.0, 2, Fate.STOP),
    ]
    seed = 1000 + static
    assert_equal(await live(victim.address, tmp_path, seed, Life(static, steps)), seed)
