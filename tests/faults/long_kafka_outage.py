"""Kafka gone for half a minute and for two minutes under load: `make faults-long`, not in `make test`."""

from pathlib import Path

import pytest

from tests.embedded_broker import EmbeddedBroker
from tests.faults.kafka_outage import Fault, assert_an_outage_harms_nothing

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.mark.parametrize("seconds", [30, 120])
@pytest.mark.parametrize("fault", Fault)
async def test_kafka_gone_for_long_harms_nothing(
    fault: Fault, seconds: float, victim: EmbeddedBroker, tmp_path: Path
) -> None:
    await assert_an_outage_harms_nothing(victim, fault, seconds, tmp_path)
