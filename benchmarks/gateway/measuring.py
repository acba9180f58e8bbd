"""One server under one load, and servers in turn."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.gateway.results import Case, Sample
from benchmarks.gateway.servers import Server, cpu_seconds
from benchmarks.gateway.stored import StoredEvents
from benchmarks.gateway.wrk import run_wrk


@dataclass(frozen=True)
class Contender:
    """A server with its requests, a folder for each number of events, and the count of what it stores."""

    server: Server
    requests: Mapping[int, Path]
    stored: StoredEvents


@dataclass(frozen=True)
class Bench:
    """What all runs have in common: the broker beside, how many requests are in rotation, how long."""

    broker: Sequence[psutil.Process]
    rotation: int
    seconds: int

    async def measure(self, contender: Contender, case: Case, seconds: int) -> Sample:
        """One load.

        Raises:
            SystemExit: Kafka does not have what was acknowledged.
        """
        server = contender.server
        mark = await contender.stored.mark()
        before = server.cpu_seconds(), cpu_seconds(self.broker)
        result = await run_wrk(
            server.url,
            contender.requests[case.events],
            self.rotation,
            connections=case.connections,
            seconds=seconds,
        )
        after = server.cpu_seconds(), cpu_seconds(self.broker)
        sample = Sample(
            server.name,
            case,
            result.seconds,
            result.acknowledged * case.events,
            await contender.stored.since(mark),
            result.failures,
            after[0] - before[0],
            after[1] - before[1],
            result.p99,
        )
        if not sample.is_accounted_for:
            raise SystemExit(
                f"{server.name} acknowledged {sample.acknowledged} events and Kafka has {sample.stored}: "
                "the figures would be worth nothing"
            )
        return sample

    async def rounds(
        self, contenders: Sequence[Contender], cases: Sequence[Case], rounds: int
    ) -> AsyncIterator[Sample]:
        """Every case `rounds` times, the contenders in turn and each time in the other direction."""
        for number in range(rounds):
            for case in cases:
                for contender in contenders if number % 2 == 0 else reversed(contenders):
                    sample = await self.measure(contender, case, self.seconds)
                    print(f"round {number + 1}: {sample.line()}", file=sys.stderr)
                    yield sample
