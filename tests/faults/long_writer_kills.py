"""The writer killed at four places of its protocol, 25 seeds each: `make faults-writer`."""

from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from tests.faults.writer_kills import Place, assert_kills_harm_nothing
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

pytestmark = [pytest.mark.fault, pytest.mark.integration]


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("seed", range(25))
async def test_a_killed_writer_loses_and_repeats_nothing(
    place: Place, seed: int, own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, tmp_path: Path
) -> None:
    await assert_kills_harm_nothing(place, seed, own_kafka, own_tables, tmp_path)
