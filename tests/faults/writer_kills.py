"""A writer killed at a place of its protocol, under load, and started again; and what must hold then."""

import asyncio
import random
from enum import StrEnum
from pathlib import Path

from runtime.settings import KafkaAddress
from stream_processors.writer.store import Step
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.cutting_proxy import Cut, CuttingProxy
from tests.integration.telemetry_feed import Block, Fleet, feeding
from tests.integration.writer_oracle import Rows, assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess, clickhouse_url

_KILLED = -9
# One name for all runs on a broker: a new one would wait until the session of the one before is over.
INSTANCE = "kills"


class Place(StrEnum):
    """Where in storing a chunk the writer dies."""

    BEFORE_INTENT = "before the intent"
    AFTER_INTENT = "after the intent"
    IN_INSERT = "in the insert"
    BEFORE_COMMIT = "before the commit"


_STEPS = {
    Place.BEFORE_INTENT: Step.BEFORE_INTENT,
    Place.AFTER_INTENT: Step.AFTER_INTENT,
    Place.BEFORE_COMMIT: Step.BEFORE_COMMIT,
}


async def assert_kills_harm_nothing(
    place: Place, seed: int, topics: KafkaAddress, clickhouse: EmbeddedClickHouse, folder: Path
) -> None:
    """One to three kills at the place, by the seed; in the end each row is there once, in roll-ups too."""
    dice = random.Random(f"{place}-{seed}")  # noqa: S311 - the same kills each time
    name = f"kills-{place.name.lower().replace('_', '-')}-{seed}"
    writer = WriterProcess(topics, clickhouse, folder, instance=INSTANCE)
    settings = {
        "writer_chunk_bytes": str(dice.choice([5_000, 50_000, 4_000_000])),
        "writer_chunk_seconds": str(dice.choice([0.02, 0.2])),
    }
    enough = asyncio.Event()
    load = asyncio.create_task(_feed(topics, Fleet(name, agents=20, seed=seed), enough))
    try:
        for _ in range(dice.randint(1, 3)):
            await _kill(writer, place, dice, settings, clickhouse)
        enough.set()
        writer.start(None, **settings)
        await assert_stored(clickhouse, name, await load, seconds=120)
        assert await writer.stop() == 0
    finally:
        enough.set()
        writer.kill()


async def _kill(
    writer: WriterProcess,
    place: Place,
    dice: random.Random,
    settings: dict[str, str],
    clickhouse: EmbeddedClickHouse,
) -> None:
    if place is not Place.IN_INSERT:
        writer.start(f"{_STEPS[place]}:{dice.randint(1, 6)}", **settings)
        assert await writer.exit_code() == _KILLED, writer.log
        return
    cut = dice.choice([Cut.REQUEST, Cut.ANSWER])
    proxy = CuttingProxy(clickhouse.port, cut, times=1, on_cut=writer.kill)
    url = clickhouse_url(await proxy.start())
    writer.start(None, **settings, clickhouse_url=url)
    assert await writer.exit_code() == _KILLED, writer.log
    await proxy.stop()


async def _feed(address: KafkaAddress, fleet: Fleet, enough: asyncio.Event) -> Rows:
    """A load that goes on while the writer dies and comes back; returns what must be stored."""
    sent: list[tuple[Block, tuple[int, int]]] = []
    async with feeding(address) as telemetry:
        while not enough.is_set():
            blocks = fleet.blocks(5)
            sent += zip(blocks, await telemetry.send(blocks), strict=True)
            await asyncio.sleep(0.2)  # paces the load
    return expected_rows(sent)
