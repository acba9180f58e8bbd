"""Kafka away for longer than a session; `long_broker_outage.py` has ten minutes."""

from pathlib import Path

import pytest

from tests.faults.broker_outage import outlast

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(600)]

OUTAGE_SECONDS = 12.0


async def test_a_worker_outlasts_an_outage(tmp_path: Path) -> None:
    await outlast(tmp_path, OUTAGE_SECONDS)
