"""Kafka gone for five seconds under load; `long_kafka_outage.py` has the longer ones."""

from pathlib import Path

import pytest

from tests.embedded_broker import EmbeddedBroker
from tests.faults.kafka_outage import Fault, assert_an_outage_harms_nothing

pytestmark = [pytest.mark.fault, pytest.mark.integration]


@pytest.mark.parametrize("fault", Fault)
async def test_kafka_gone_for_five_seconds_harms_nothing(
    fault: Fault, victim: EmbeddedBroker, tmp_path: Path
) -> None:
    await assert_an_outage_harms_nothing(victim, fault, 5, tmp_path, pace_seconds=0.05, pause_seconds=0.2)
