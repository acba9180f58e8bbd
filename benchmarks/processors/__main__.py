"""`make bench-processors`: how fast, how late and how big the processors are, and prints its tables."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.broker_only import BrokerOnly, leave_the_broker
from benchmarks.processors.contenders import RawLoop, Read, Started, Workers, raw_loop
from benchmarks.processors.filling import Filled, fill
from benchmarks.processors.fleet import Fleet, Made, Shape
from benchmarks.processors.live import ALERTS_A_SECOND, LIVE_SHAPE, Live, Load, measure
from benchmarks.processors.results import RAW, WORKER, Case, Sample, memory_line, table, verdicts
from benchmarks.stack import running_stack
from schemas.topics import DEFAULT_PARTITIONS, Topic
from stream_processors.state.log import StateLog

SHAPES = {"requests": Shape(1, 100), "gathered": Shape(100, 1), "single": Shape(1, 1)}
# Events of each stretch of the log. A lap takes ten seconds and more, as a worker's ends with its last
# checkpoint, which is up to a second that the raw loop does not have.
_EVENTS = {"requests": 1_500_000, "gathered": 400_000, "single": 400_000}
_SEED = 1


class Stretch(NamedTuple):
    """What is written to the log to be read: so many blocks of one shape."""

    fleet: Fleet
    shape: Shape
    blocks: int


class Arena:
    """The broker, the two peers, and fleets that both know."""

    def __init__(self, left: BrokerOnly, folder: Path, raw: RawLoop) -> None:
        """Let the stack's broker have nothing but ours."""
        self._kafka = left.kafka
        self._workers = Workers(left.kafka, left.environment, folder)
        self._raw = raw

    async def introduce(self, agents: int) -> Fleet:
        """Make both peers know so many agents, with all that an agent's state may hold."""
        fleet = Fleet(agents, DEFAULT_PARTITIONS, _SEED, name=f"fleet-{agents}")
        first = await self._fill(fleet.first_reports())
        await self._workers.absorb(first)
        await self._raw.lap(first)
        return fleet

    async def compare(self, case: Case, stretch: Stretch) -> list[Sample]:
        """One stretch of the log, read by one worker, and then by the raw loop to where the worker came."""
        ours = await self._lap(stretch, 1)
        return [Sample(WORKER, case, ours.lap), Sample(RAW, case, await self._raw.lap(ours.filled))]

    async def scale(self, case: Case, stretch: Stretch, workers: int) -> Sample:
        """One stretch that several workers share."""
        ours = await self._lap(stretch, workers)
        await self._raw.lap(ours.filled)
        return Sample(f"{workers} workers", case, ours.lap)

    async def _lap(self, stretch: Stretch, workers: int) -> Read:
        """All agents are heard of ahead of it, so that none is missed meanwhile."""
        ahead = await self._fill(stretch.fleet.signs_of_life())
        # Made before, as workers that are stopped for long are given up.
        made = list(stretch.fleet.blocks(stretch.shape, stretch.blocks))
        return await self._workers.lap(workers, ahead, partial(self._fill, made))

    async def _fill(self, made: Iterable[Made]) -> Filled:
        return await fill(self._kafka, DEFAULT_PARTITIONS, made)

    async def start_once(self) -> Started:
        """How a worker starts with what is stored by now."""
        return await self._workers.start_once()

    async def restart_after_kill(self) -> Started:
        """How long a worker's successor takes with what is stored by now."""
        return await self._workers.restart_after_kill()

    async def live(self, fleet: Fleet, load: Load) -> Live:
        """A steady load on one worker, which starts when all agents have been heard of."""
        ahead = await self._fill(fleet.signs_of_life())
        async with self._workers.running(1) as (worker,):
            await self._workers.until_stored([worker], ahead)
            return await measure(self._kafka, worker, fleet, load)

    async def stored_bytes(self) -> int:
        """Of all agents' states, as the state log holds them."""
        state_log = StateLog(Topic.PROCESSOR_STATE, self._kafka, client_id="bench-state")
        snapshots = [await state_log.load(partition) for partition in range(DEFAULT_PARTITIONS)]
        return sum(len(entry.payload) for snapshot in snapshots for entry in snapshot.entries.values())


async def _main(arguments: argparse.Namespace) -> None:
    samples: list[Sample] = []
    lines: list[str] = []
    with running_stack(1) as (stack, _):
        left = leave_the_broker(stack)
        async with raw_loop(left.kafka, left.environment) as raw:
            arena = Arena(left, stack.data_dir, raw)
            empty = await arena.start_once()
            for agents in arguments.agents:
                before = await arena.stored_bytes()
                fleet = await arena.introduce(agents)
                stored = await arena.stored_bytes() - before
                samples += [sample async for sample in _rounds(arena, agents, fleet, arguments)]
                held = await arena.start_once()
                lines += [(await arena.live(fleet, load)).line() for load in _loads(agents, arguments)]
                # Last, as the group waits for a member that it knows by name to come back.
                again = await arena.restart_after_kill()
                lines.append(memory_line(agents, empty, held, again, stored))
    print(table(samples) + "\n")
    for line in (*verdicts(samples), *lines):
        print(f"- {line}")


def _loads(agents: int, arguments: argparse.Namespace) -> list[Load]:
    """The steady loads, each with agents of its own that get an alert."""
    wanted = [(rate, LIVE_SHAPE) for rate in arguments.rates]
    wanted += [(rate, SHAPES["single"]) for rate in arguments.single_rates]
    alerts = min(round(ALERTS_A_SECOND * arguments.seconds), agents // max(1, len(wanted)))
    return [
        Load(agents, rate, arguments.seconds, number * alerts, alerts, shape)
        for number, (rate, shape) in enumerate(wanted)
    ]


async def _rounds(
    arena: Arena, agents: int, fleet: Fleet, arguments: argparse.Namespace
) -> AsyncIterator[Sample]:
    for number in range(arguments.rounds):
        for name in arguments.shapes:
            case, shape = Case(agents, SHAPES[name]), SHAPES[name]
            events = round(_EVENTS[name] * arguments.scale)
            stretch = Stretch(fleet, shape, events // (shape.requests * shape.events))
            compared = await arena.compare(case, stretch)
            if arguments.workers > 1 and name == "requests":
                compared.append(await arena.scale(case, stretch, arguments.workers))
            for sample in compared:
                print(f"round {number + 1}: {sample.line()}", file=sys.stderr)
                yield sample


def main() -> None:
    """Run with the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.processors", description=__doc__)
    parser.add_argument("--agents", type=int, nargs="+", default=[200, 100_000])
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--workers", type=int, default=2, help="that share the load of whole requests")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the events in each stretch of the log")
    parser.add_argument(
        "--rates", type=float, nargs="*", default=[10_000.0], help="of steady loads, events/s"
    )
    parser.add_argument(
        "--single-rates", type=float, nargs="*", default=[1000.0], help="of those of single events"
    )
    parser.add_argument("--seconds", type=float, default=20, help="of each steady load")
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
