"""Killed at each step of the writer's protocol: what is stored afterwards is what was sent, once."""

import asyncio

import pytest

from runtime.settings import KafkaAddress
from stream_processors.writer.store import Step
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.poison import read_dead_letters, with_poison
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Block, Fleet, feeding, send
from tests.integration.writer_oracle import Rows, assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault]

_STEPS = [step for step in Step if step not in (Step.BEFORE_BISECTION, Step.BETWEEN_PIECES)]


async def _feed(address: KafkaAddress, fleet: Fleet, enough: asyncio.Event) -> Rows:
    """A load that goes on while the writer dies and comes back; returns what must be stored."""
    sent: list[tuple[Block, tuple[int, int]]] = []
    async with feeding(address) as telemetry:
        while not enough.is_set():
            blocks = fleet.blocks(5)
            sent += zip(blocks, await telemetry.send(blocks), strict=True)
            await asyncio.sleep(0.1)  # paces the load
    return expected_rows(sent)


@pytest.mark.parametrize("step", _STEPS)
async def test_a_kill_at_any_step_loses_and_repeats_nothing(
    step: Step, topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    fleet = Fleet(f"killed-{step}", agents=20, seed=len(step))
    writer.start(failpoint=f"{step}:3")
    enough = asyncio.Event()
    load = asyncio.create_task(_feed(topics, fleet, enough))
    assert await writer.exit_code() == -9, writer.log
    writer.start(failpoint=f"{step}:2")  # and once more, also while it recovers
    assert await writer.exit_code() == -9, writer.log
    enough.set()
    writer.start()

    await assert_stored(tables, f"killed-{step}", await load)


@pytest.mark.parametrize("step", [Step.BEFORE_BISECTION, Step.BETWEEN_PIECES])
async def test_a_kill_in_a_bisection_loses_and_repeats_nothing(
    step: Step, topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    name = f"killed-{step}"
    fleet = Fleet(name, agents=4, seed=3)
    sound = fleet.blocks(20)
    sent = list(zip(sound, await send(topics, sound), strict=True))
    poisoned, poison = with_poison(fleet.blocks(10), name)
    sent += zip(poisoned, await send(topics, poisoned), strict=True)
    writer.start(failpoint=f"{step}:1")
    assert await writer.exit_code() == -9, writer.log
    writer.start(failpoint=f"{Step.BETWEEN_PIECES}:3")
    assert await writer.exit_code() == -9, writer.log
    writer.start()

    await assert_stored(tables, name, expected_rows(sent) - poison)
    refused = {line for block in poisoned for line in block.value.splitlines() if b"poison" in line}

    async def all_are_letters() -> bool:
        return {letter.value for letter in await read_dead_letters(topics, name)} >= refused

    await until("a letter of each poison row", all_are_letters)
    assert {letter.value for letter in await read_dead_letters(topics, name)} == refused
