"""Who reads the log: workers as they run in a stack, and the raw loop; each from where it stopped last."""

import asyncio
import contextlib
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import psutil
from aiokafka import TopicPartition

from benchmarks.gateway.servers import cpu_seconds, process
from benchmarks.processors.filling import Filled, log_ends
from benchmarks.processors.raw_loop import Lap
from runtime import kafka
from runtime.group_offsets import fetch_group_offsets
from runtime.settings import KAFKA_URL, KafkaAddress
from schemas.topics import PROCESSORS_GROUP, Service, Topic

_POLL_SECONDS = 0.2
# From this share of its records on the end of a stretch is looked for more often.
_NEARLY = 0.95
# A tick comes each second, and acknowledgements are committed as often.
_LAST_TICKS = 3
_CLIENT_ID = "bench-processors"
_LIMIT_SECONDS = 240.0
# What is stored is acknowledged within a second.
_COMMIT_SECONDS = 15.0
_STORED = "promethios_processors_stored_age_seconds_count"
_ABSORBED = "promethios_processors_records_total"
_INSTANCE_VARIABLE = "PROMETHIOS_PROCESSORS_INSTANCE"
_INSTANCE = "bench"
_SAMPLE = re.compile(r"^(\w+)(?:{.*})? (\S+)$", re.MULTILINE)


class Started(NamedTuple):
    """Seconds from the start of a worker until it was ready, and what it holds then, in bytes."""

    seconds: float
    resident: int


class Read(NamedTuple):
    """A lap of workers, and what they had read when it ended.

    That is the stretch and ticks: a worker writes them while it reads, and takes those of the partitions that
    it has finished. Who is compared with it has to read them as well.
    """

    lap: Lap
    filled: Filled


@dataclass
class Worker:
    """A worker's process and where its health is asked for."""

    process: psutil.Process
    folder: Path
    client: httpx.AsyncClient

    async def metric(self, name: str) -> int:
        """The sum of a count over its labels; 0 while it does not answer."""
        with contextlib.suppress(OSError, httpx.HTTPError):
            url = (self.folder / f"{Service.PROCESSORS}.health").read_text()
            text = (await self.client.get(f"{url}/metrics")).text
            return round(sum(float(value) for found, value in _SAMPLE.findall(text) if found == name))
        return 0

    async def is_ready(self) -> bool:
        """Whether it owns its partitions."""
        try:
            url = (self.folder / f"{Service.PROCESSORS}.health").read_text()
            return (await self.client.get(f"{url}/readyz")).status_code == httpx.codes.OK
        except (OSError, httpx.HTTPError):
            return False


class Workers:
    """As many workers as are wanted, started for each stretch of the log and stopped after it."""

    def __init__(self, address: KafkaAddress, environment: Mapping[str, str], folder: Path) -> None:
        """`address` is the broker's as who may do everything, `environment` what a stack's services have."""
        self._address = address
        self._environment = environment
        self._folder = folder

    @asynccontextmanager
    async def running(self, count: int, instance: str | None = None) -> AsyncIterator[list[Worker]]:
        """Start so many; they are not ready yet. One with an `instance` the group knows again."""
        with ExitStack() as stack:
            async with httpx.AsyncClient(timeout=5) as client:
                yield [self._start(stack, client, number, instance) for number in range(count)]

    async def absorb(self, filled: Filled) -> None:
        """Let one store all that was written since it last ran."""
        async with self.running(1) as workers:
            await self.until_stored(workers, filled)

    async def lap(self, count: int, ahead: Filled, fill: Callable[[], Awaitable[Filled]]) -> Read:
        """Let so many share what `fill` writes while they are stopped, having stored what lies `ahead` of it.

        So they begin at once, at the same place, and with nothing else to do.
        """
        async with self.running(count) as workers:
            await self.until_stored(workers, ahead)
            await self._until_shared(workers)
            await self._until_caught_up(ahead.ends)
            for worker in workers:
                worker.process.suspend()
            try:
                filled = await fill()
            finally:
                for worker in workers:
                    worker.process.resume()
            begin, cpu = time.perf_counter(), _cpu(workers)
            await self.until_stored(workers, ahead, filled)
            lap = Lap(filled.events, time.perf_counter() - begin, _cpu(workers) - cpu)
            return Read(lap, await self._with_ticks(filled))

    async def until_stored(self, workers: Sequence[Worker], *stretches: Filled) -> None:
        """Wait until they have stored all of what was written since they started.

        Raises:
            SystemExit: it takes too long; with the ends of the logs.
        """
        deadline, records = time.monotonic() + _LIMIT_SECONDS, sum(filled.records for filled in stretches)
        while (stored := sum([await worker.metric(_STORED) for worker in workers])) < records:
            if time.monotonic() > deadline:
                raise SystemExit(f"the workers have stored {stored} of {records} records:\n{self._log()}")
            # Each answer takes a worker some milliseconds, and when it is done has to be seen at once.
            await asyncio.sleep(_POLL_SECONDS if stored < _NEARLY * records else _POLL_SECONDS / 5)

    async def _with_ticks(self, filled: Filled) -> Filled:
        """The stretch, and the ticks behind it that are acknowledged by now.

        Raises:
            SystemExit: the stretch itself is not for long, so nothing can be told of the ticks.
        """
        by_now = await self._acknowledged(filled.ends)

        async def is_acknowledged() -> bool:
            acknowledged = await self._acknowledged(filled.ends)
            return all(acknowledged[number] >= end for number, end in filled.ends.items())

        await self._until(
            is_acknowledged, f"the group stands at {by_now}, not at {filled.ends}", _COMMIT_SECONDS
        )
        return filled._replace(ends={number: max(end, by_now[number]) for number, end in filled.ends.items()})

    async def _until_caught_up(self, partitions: Collection[int]) -> None:
        """Wait until all but the last ticks are acknowledged.

        After a pause of all workers the first ones look at everybody who has been due, which is no part of
        the stretch, and which the raw loop does before its time begins.
        """

        async def have_caught_up() -> bool:
            ends = await log_ends(self._address, len(partitions))
            acknowledged = await self._acknowledged(partitions)
            return all(ends[number] - acknowledged[number] <= _LAST_TICKS for number in partitions)

        await self._until(have_caught_up, "the workers do not catch up")

    async def _acknowledged(self, partitions: Iterable[int]) -> dict[int, int]:
        targets = [TopicPartition(Topic.TELEMETRY, partition) for partition in partitions]
        admin = kafka.admin(self._address, client_id=_CLIENT_ID)
        await admin.start()
        try:
            found = await fetch_group_offsets(admin, PROCESSORS_GROUP, targets)
        finally:
            await admin.close()
        return {target.partition: found[target].offset for target in targets}

    async def _until_shared(self, workers: Sequence[Worker]) -> None:
        """Wait until each absorbs ticks, so that each has its partitions."""
        before = [await worker.metric(_ABSORBED) for worker in workers]

        async def all_absorb() -> bool:
            now = [await worker.metric(_ABSORBED) for worker in workers]
            return all(more > seen for more, seen in zip(now, before, strict=True))

        await self._until(all_absorb, "a worker has got no partition")

    async def start_once(self) -> Started:
        """How long a worker takes to be ready with the state that is stored, and its memory then."""
        begin = time.monotonic()
        async with self.running(1) as (worker,):
            await self.until_ready([worker])
            return Started(time.monotonic() - begin, worker.process.memory_info().rss)

    async def restart_after_kill(self) -> Started:
        """From a kill until the successor is ready, which the group knows by its name as in a stack."""
        async with self.running(1, _INSTANCE) as (killed,):
            await self.until_ready([killed])
            begin = time.monotonic()
            killed.process.kill()
            async with self.running(1, _INSTANCE) as (worker,):
                await self.until_ready([worker])
                return Started(time.monotonic() - begin, worker.process.memory_info().rss)

    async def until_ready(self, workers: Sequence[Worker]) -> None:
        """Wait until each owns its partitions.

        Raises:
            SystemExit: it takes too long; with the ends of the logs.
        """

        async def are_ready() -> bool:
            return all([await worker.is_ready() for worker in workers])

        await self._until(are_ready, "the workers were not ready in time", pause=_POLL_SECONDS / 5)

    async def _until(
        self,
        met: Callable[[], Awaitable[bool]],
        otherwise: str,
        seconds: float = _LIMIT_SECONDS,
        pause: float = _POLL_SECONDS,
    ) -> None:
        deadline = time.monotonic() + seconds
        while not await met():
            if time.monotonic() > deadline:
                raise SystemExit(f"{otherwise}:\n{self._log()}")
            await asyncio.sleep(pause)

    def _start(
        self, stack: ExitStack, client: httpx.AsyncClient, number: int, instance: str | None
    ) -> Worker:
        folder = self._folder / f"worker-{number}"
        folder.mkdir(exist_ok=True)
        (folder / f"{Service.PROCESSORS}.health").unlink(missing_ok=True)
        environment = {**self._environment, "PROMETHIOS_RUN_DIR": str(folder)}
        # Without it there is no static membership, which would make a second worker wait for the first.
        environment.pop(_INSTANCE_VARIABLE, None)
        if instance is not None:
            environment[_INSTANCE_VARIABLE] = instance
        command = [sys.executable, "-m", "stream_processors"]
        started = stack.enter_context(process(command, environment, folder / "log"))
        return Worker(started, folder, client)

    def _log(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in sorted(self._folder.glob("worker-*/log")))


def _cpu(workers: Sequence[Worker]) -> float:
    return cpu_seconds([worker.process for worker in workers])


class RawLoop:
    """The peer's process, which keeps its state from lap to lap."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def lap(self, filled: Filled) -> Lap:
        """Let it read what lies before the stretch, and then the stretch, as a worker does."""
        await self._ask(filled.starts)
        return await self._ask(filled.ends)

    async def _ask(self, ends: Mapping[int, int]) -> Lap:
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("the raw loop has no pipes")
        self._process.stdin.write(json.dumps(ends).encode() + b"\n")
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        if not answer:
            raise SystemExit("the raw loop has failed")
        return msgspec.json.decode(answer, type=Lap)


@asynccontextmanager
async def raw_loop(address: KafkaAddress, environment: Mapping[str, str]) -> AsyncIterator[RawLoop]:
    """Start the raw loop, and end it."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.processors.raw_loop",
        env={**environment, KAFKA_URL: address.url},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield RawLoop(started)
    finally:
        started.kill()
        await started.wait()
