"""How much later the gateway answers than a route that does nothing, at half of what it can take."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.gateway.empty_route import READY_PATH
from benchmarks.gateway.open_loop import OpenLoad, OpenResult
from benchmarks.gateway.results import markdown, spread
from benchmarks.gateway.servers import Program, Server, server
from benchmarks.statistics import percentile

EMPTY = "empty FastAPI route"
MUST_SECONDS = 0.025
CONNECTIONS = 64


class Latency(NamedTuple):
    """One run: events in a request, requests a second, and the times of the answers in seconds."""

    server: str
    events: int
    rate: float
    p50: float
    p99: float
    failures: int


@contextmanager
def empty_route(port: int, log: Path) -> Iterator[Server]:
    """The yardstick, running."""
    program = Program([sys.executable, "-m", "benchmarks.gateway.empty_route", str(port)], {}, READY_PATH)
    with server(EMPTY, port, program, log) as running:
        yield running


async def measure(peer: Server, load: OpenLoad, events: int) -> Latency:
    """One server under an open load of requests of so many events; the load's port is the server's."""
    result = await _send(msgspec.structs.replace(load, port=peer.port))
    p50, p99 = (percentile(result.latencies, share) for share in (0.5, 0.99))
    return Latency(peer.name, events, load.rate, p50, p99, result.failures)


def latency_table(measured: Sequence[Latency]) -> str:
    """A row for each load and server, over the rounds."""
    rows = []
    for name, events in dict.fromkeys((one.server, one.events) for one in measured):
        of = [one for one in measured if (one.server, one.events) == (name, events)]
        times = [spread(1000 * getattr(one, share) for one in of).text(".1f") for share in ("p50", "p99")]
        failures = str(sum(one.failures for one in of))
        rows.append([f"{events}, {name}", f"{of[0].rate:,.0f}", *times, failures])
    header = ("events a request, server", "requests/s", "ack p50 ms", "ack p99 ms", "failures")
    return markdown(header, rows)


def latency_verdicts(measured: Sequence[Latency]) -> list[str]:
    """For each load, whether the gateway's p99 is near enough to the empty route's."""
    lines = []
    for events in dict.fromkeys(one.events for one in measured):
        ours = [one.p99 for one in measured if one.events == events and one.server != EMPTY]
        empty = [one.p99 for one in measured if one.events == events and one.server == EMPTY]
        if not ours or not empty:
            continue
        more = spread(ours).median - spread(empty).median
        met = "met" if more <= MUST_SECONDS else "not met"
        lines.append(
            f"{events} events a request at half load: ack p99 {1000 * more:+.1f} ms over the empty route; "
            f"must {1000 * MUST_SECONDS:+.0f}: {met}"
        )
    return lines


async def _send(load: OpenLoad) -> OpenResult:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.gateway.open_loop", msgspec.json.encode(load).decode()),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit("the open load failed")
    return msgspec.msgpack.decode(output, type=OpenResult)
