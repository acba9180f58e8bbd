"""Two lives of a writer; `make faults-writer` has twenty-five for each of four places where it is killed.

The other places are those of test_writer_failpoints.
"""

from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from tests.faults.writer_kills import Place, assert_kills_harm_nothing
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

pytestmark = [pytest.mark.fault, pytest.mark.integration]

# Killed in the request of an insert and in the answer, under load.
SEEDS = {Place.IN_INSERT: 6, Place.BEFORE_COMMIT: 10}


@pytest.mark.parametrize("place", SEEDS)
async def test_a_killed_writer_loses_and_repeats_nothing(
    place: Place, own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, tmp_path: Path
) -> None:
    await assert_kills_harm_nothing(place, SEEDS[place], own_kafka, own_tables, tmp_path)
