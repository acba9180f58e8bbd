"""Run the comparison and print its tables."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks.gateway import collector, latency, masking, wrk
from benchmarks.gateway.arena import arena
from benchmarks.gateway.contenders import COLLECTOR, ROOT, WORKERS, Field
from benchmarks.gateway.latency import Latency
from benchmarks.gateway.measuring import Bench, Contender
from benchmarks.gateway.open_loop import OpenLoad
from benchmarks.gateway.results import Case, Sample, spread, throughput_table, verdicts
from benchmarks.stack import running_stack
from infra.supervisor.ports import unused

_CACHE = ROOT / "benchmarks" / "results" / "otelcol"
# For each case and server: with less, the broker still compiles its code in the first rounds that count.
_WARM_UP_SECONDS = 2
_LATENCY_EVENTS = (1, 100)
_PRIVATE_AGENTS = 60


async def _main(arguments: argparse.Namespace) -> None:
    checkouts = {folder.name: folder.absolute() for folder in arguments.against}
    wrk.check_installed()
    binary = collector.build(_CACHE) if COLLECTOR in arguments.servers else None
    with running_stack(1) as (stack, _):
        agents = stack.create_agents(arguments.agents)
        private = {} if arguments.no_masking else masking.create_agents(stack, _PRIVATE_AGENTS)
        async with arena(stack) as place, AsyncExitStack() as running:
            field = Field(
                place=place, agents=agents, events=arguments.events, binary=binary, checkouts=checkouts
            )
            names = [*arguments.servers, *checkouts]
            contenders = [await running.enter_async_context(field.contender(name)) for name in names]
            bench = Bench([place.broker], len(agents), arguments.seconds)
            cases = [Case(events, count) for count in arguments.connections for events in arguments.events]
            for case in cases:
                for contender in contenders:
                    await bench.measure(contender, case, _WARM_UP_SECONDS)
            samples = [sample async for sample in bench.rounds(contenders, cases, arguments.rounds)]
            _show(samples)
            first = next((one for one in contenders if one.server.name in WORKERS), None)
            if first is not None and not arguments.no_latency:
                _show_latency(await _latency(first, samples, bench, place.folder, arguments.rounds))
            if first is not None and private:
                own = masking.contenders(first, private, place.folder / "requests")
                bench = replace(bench, rotation=_PRIVATE_AGENTS)
                cases = [Case(events, arguments.connections[0]) for events in masking.EVENTS]
                _show_masking([sample async for sample in bench.rounds(own, cases, arguments.rounds)])


async def _latency(
    contender: Contender, samples: Sequence[Sample], bench: Bench, folder: Path, rounds: int
) -> list[Latency]:
    """The gateway and the empty route in turn, at half of the rate that `samples` show for the gateway."""
    measured: list[Latency] = []
    ours = contender.server
    with latency.empty_route(unused(), folder / "empty_route.log") as empty:
        for number in range(rounds):
            for events in sorted(set(_LATENCY_EVENTS) & contender.requests.keys()):
                rates = [s.rate for s in samples if s.server == ours.name and s.case.events == events]
                load = OpenLoad(
                    requests=str(contender.requests[events]),
                    count=bench.rotation,
                    rate=spread(rates).median / events / 2,
                    seconds=bench.seconds,
                    connections=latency.CONNECTIONS,
                )
                peers = (ours, empty) if number % 2 == 0 else (empty, ours)
                measured += [await latency.measure(peer, load, events) for peer in peers]
    return measured


def _show(samples: Sequence[Sample]) -> None:
    print(throughput_table(samples, COLLECTOR) + "\n")
    for name in WORKERS:
        for line in verdicts(samples, name, COLLECTOR):
            print(f"- {line}")


def _show_latency(measured: Sequence[Latency]) -> None:
    print("\n" + latency.latency_table(measured) + "\n")
    for line in latency.latency_verdicts(measured):
        print(f"- {line}")


def _show_masking(samples: Sequence[Sample]) -> None:
    print("\n" + throughput_table(samples, masking.OFF) + "\n")
    for line in masking.masking_verdicts(samples):
        print(f"- {line}")


def main() -> None:
    """Run with the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", nargs="*", default=[COLLECTOR, *WORKERS], help="who takes part")
    parser.add_argument(
        "--against",
        type=Path,
        nargs="+",
        default=[],
        help="other checkouts, whose gateways take part with one worker under their folders' names",
    )
    parser.add_argument("--events", type=int, nargs="+", default=[1, 10, 100, 1000], help="in a request")
    parser.add_argument("--connections", type=int, nargs="+", default=[256, 32])
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of each load")
    parser.add_argument("--no-latency", action="store_true", help="leave out the ack's time at half load")
    parser.add_argument("--no-masking", action="store_true", help="leave out what masking costs")
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
