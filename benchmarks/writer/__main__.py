"""`make bench-writer`: rows/s of the writer beside a raw insert of the same bytes through the same front."""

import argparse
import asyncio
import contextlib
import secrets
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import psutil
from clickhouse_connect.driver import AsyncClient, create_async_client

from benchmarks.stack import Stack, running_stack
from benchmarks.writer.query_load import QueryLoad
from benchmarks.writer.records import Record, chunks, make_records, send
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import service_addresses
from infra.supervisor.stack_file import read
from runtime.settings import KafkaAddress
from schemas.tables import Table
from schemas.topics import Service
from stream_processors.writer.insert import SETTINGS
from stream_processors.writer.settings import WriterSettings

_CONCURRENCY = WriterSettings.model_fields["writer_inserts"].default
_CHUNK_BYTES = WriterSettings.model_fields["writer_chunk_bytes"].default
_POLL_SECONDS = 0.02
_WAIT_SECONDS = 300.0


class Measured(NamedTuple):
    """Rows/s of one run, and seconds of CPU for a million rows."""

    rate: float
    writer_cpu: float
    front_cpu: float


@dataclass(frozen=True)
class Arena:
    """The running stack, its clients, and its processes."""

    stack: Stack
    kafka: KafkaAddress
    client: AsyncClient
    writer: psutil.Process
    front: psutil.Process

    async def rows(self) -> int:
        """How many are in the table."""
        result = await self.client.query(f"SELECT count() FROM {Table.AGENT_LOGS}")  # noqa: S608 - our constant
        return int(result.result_rows[0][0])

    @contextmanager
    def measuring(self, rows: int, into: list[Measured]) -> Iterator[None]:
        """Measure what is done inside."""
        before = self.writer.cpu_times(), self.front.cpu_times()
        begin = time.perf_counter()
        yield
        seconds = time.perf_counter() - begin
        after = self.writer.cpu_times(), self.front.cpu_times()
        cpu = [
            (b.user + b.system - a.user - a.system) / rows * 1e6 for a, b in zip(before, after, strict=True)
        ]
        into.append(Measured(rows / seconds, *cpu))


async def raw_insert(arena: Arena, records: list[Record], into: list[Measured]) -> None:
    """Insert the bodies that the writer would, as many at once, with its settings, each under a token."""
    bodies = list(chunks(records, _CHUNK_BYTES))
    slots = asyncio.Semaphore(_CONCURRENCY)

    async def one(body: bytes) -> None:
        async with slots:
            await arena.client.raw_insert(
                Table.AGENT_LOGS,
                insert_block=body,
                fmt="JSONEachRow",
                settings={**SETTINGS, "insert_deduplication_token": secrets.token_hex(8)},
            )

    with arena.measuring(sum(one.rows for one in records), into):
        await asyncio.gather(*(one(body) for body in bodies))


async def through_the_writer(arena: Arena, records: list[Record], into: list[Measured]) -> None:
    """Fill the topic while the writer stands still, let it go, and wait until all is in the table."""
    wanted = await arena.rows() + sum(one.rows for one in records)
    arena.writer.send_signal(signal.SIGSTOP)
    try:
        await send(arena.kafka, records)
    finally:
        arena.writer.send_signal(signal.SIGCONT)
    with arena.measuring(sum(one.rows for one in records), into):
        async with asyncio.timeout(_WAIT_SECONDS):
            while await arena.rows() < wanted:  # noqa: ASYNC110 - a table sets no event
                await asyncio.sleep(_POLL_SECONDS)


async def measure(stack: Stack, rows: int, rounds: int) -> dict[str, list[Measured]]:
    """The runs in turn, so that what disturbs one disturbs all."""
    folder = DataFolder.at(stack.data_dir)
    broker = read(folder).broker
    if broker is None:
        raise SystemExit("the benchmark's stack has a broker of its own")
    processes = stack.processes()
    client = await create_async_client(**stack.clickhouse, compress=False)
    kafka_address = service_addresses(folder, broker)[Service.GATEWAY]
    arena = Arena(stack, kafka_address, client, processes["writer"], processes["clickhouse"])
    found: dict[str, list[Measured]] = {"raw insert": [], "writer": [], "writer, under queries": []}
    warm = make_records(rows // 10, seed=0)
    await raw_insert(arena, warm, [])
    await through_the_writer(arena, make_records(rows // 10, seed=1), [])
    for number in range(rounds):
        await raw_insert(arena, make_records(rows, seed=2 + number), found["raw insert"])
        await through_the_writer(arena, make_records(rows, seed=100 + number), found["writer"])
        records = make_records(rows, seed=200 + number)
        async with QueryLoad(stack.clickhouse):
            await through_the_writer(arena, records, found["writer, under queries"])
    await client.close()
    return found


def report(found: dict[str, list[Measured]]) -> None:
    """Print a table: medians, and the ratio to the raw insert."""
    base = statistics.median(one.rate for one in found["raw insert"])
    print("| | rows/s | of raw | runs | writer CPU s/M rows | ClickHouse CPU s/M rows |")
    print("|---|---|---|---|---|---|")
    for name, runs in found.items():
        rate = statistics.median(one.rate for one in runs)
        every = ", ".join(f"{one.rate / 1000:.0f} k" for one in runs)
        writer, front = (statistics.median(values) for values in list(zip(*runs, strict=True))[1:])
        print(f"| {name} | {rate:,.0f} | {rate / base:.2f} | {every} | {writer:.2f} | {front:.2f} |")


def main() -> None:
    """Run once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_500_000, help="a run")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with running_stack(1) as (stack, _), contextlib.suppress(KeyboardInterrupt):
        report(asyncio.run(measure(stack, options.rows, options.rounds)))


if __name__ == "__main__":
    main()
