"""One seeded life of workers under load; `long_worker_lives.py` has fifty, and longer hangs."""

from pathlib import Path

import pytest

from tests.embedded_broker import EmbeddedBroker
from tests.faults.worker_lives import HANGS, WORKERS, Fate, assert_equal, bind_by_policy, life, live

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(600)]

# It kills, hangs for longer than a session, and rebalances.
SEED = 5


def test_schedules_repeat_and_differ() -> None:
    assert life(SEED) == life(SEED)
    lives = [life(seed) for seed in range(50)]
    assert len({tuple(one.steps) for one in lives}) == 50
    assert {one.static for one in lives} == {True, False}
    steps = [step for one in lives for step in one.steps]
    assert {step.fate for step in steps} == set(Fate)
    assert {step.worker for step in steps} == set(range(WORKERS))
    assert {step.seconds for step in steps if step.fate is Fate.HANG} == set(HANGS)


async def test_a_life_changes_nothing(victim: EmbeddedBroker, tmp_path: Path) -> None:
    await bind_by_policy(victim.address)
    assert_equal(await live(victim.address, tmp_path, SEED), SEED)
