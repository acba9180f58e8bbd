"""Kafka away from the processors for ten minutes: `make faults-processors`, not in `make test`."""

import os
from pathlib import Path

import pytest

from tests.faults.broker_outage import outlast

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(900)]

OUTAGE_SECONDS = float(os.environ.get("PROMETHIOS_TEST_OUTAGE_SECONDS", "600"))
_MIB = 1024 * 1024


async def test_a_worker_outlasts_ten_minutes(tmp_path: Path) -> None:
    outlasted = await outlast(tmp_path, OUTAGE_SECONDS)
    assert outlasted.resident < 250 * _MIB, f"memory that grows while Kafka is away: {outlasted}"
    assert outlasted.restarts <= OUTAGE_SECONDS / 60, f"it ends again and again: {outlasted}"
