"""`make bench-pipeline`: the whole way under load, on one machine, with the load generator beside it."""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.load import Plan, Result
from benchmarks.probes import SqlProbe, TrustProbe, absorbed_ages
from benchmarks.stack import Stack, running_stack
from benchmarks.statistics import histogram_percentile, percentile, sql_delays, trust_delays

_DRAIN_SECONDS = 60.0
_KEPT_UP_SECONDS = 5.0
_console = Console()


@dataclass(frozen=True)
class Run:
    """One load and what became of it; times in seconds, CPU in seconds by process."""

    plan: Plan
    result: Result
    took: float
    drained: float
    stored: int
    sql: list[float]
    never_seen: int
    trust: list[float]
    unpublished: int
    absorbed: dict[float, float]
    cpu: dict[str, float]

    @property
    def events(self) -> int:
        """Events that were answered with 202."""
        return len(self.result.accepted) * self.plan.events_per_request

    @property
    def rate(self) -> float:
        """Events accepted a second."""
        return self.events / self.took

    @property
    def sustained(self) -> bool:
        """All was accepted in its time, and stored soon after the end."""
        return (
            not self.result.failed
            and self.stored == self.events
            and self.took <= self.plan.seconds * 1.05 + 1
            and self.drained <= _KEPT_UP_SECONDS
        )


def _cpu_seconds(processes: dict[str, psutil.Process]) -> dict[str, float]:
    times = {name: process.cpu_times() for name, process in processes.items()}
    return {name: spent.user + spent.system for name, spent in times.items()}


async def _drain(probe: SqlProbe, wanted: int) -> tuple[float, int]:
    begin = time.monotonic()
    while True:
        rows, events = await probe.count()
        if rows != events:
            raise SystemExit(f"{rows} rows of {events} events: something was stored twice")
        if rows >= wanted or time.monotonic() - begin > _DRAIN_SECONDS:
            return time.monotonic() - begin, rows
        await asyncio.sleep(0.1)


async def _generate(plan: Plan) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        plan_file, result_file = Path(folder) / "plan", Path(folder) / "result"
        plan_file.write_bytes(msgspec.msgpack.encode(plan))
        command = [sys.executable, "-m", "benchmarks.load", str(plan_file), str(result_file)]
        process = await asyncio.create_subprocess_exec(*command)
        if await process.wait():
            raise SystemExit("the load generator failed")
        return msgspec.msgpack.decode(result_file.read_bytes(), type=Result)


async def measure(stack: Stack, plan: Plan) -> Run:
    """Send a load and watch it arrive."""
    sql, trust = SqlProbe(stack), TrustProbe(stack)
    before_rows, _ = await sql.count()
    processes = stack.processes()
    watchers = [asyncio.create_task(sql.watch()), asyncio.create_task(trust.watch())]
    await asyncio.sleep(1)
    before, ages_before = _cpu_seconds(processes), await absorbed_ages(stack)
    begin = time.monotonic()
    result = await _generate(plan)
    took = time.monotonic() - begin
    drained, rows = await _drain(sql, before_rows + len(result.accepted) * plan.events_per_request)
    after = _cpu_seconds(processes)
    await asyncio.sleep(2)
    for watcher in watchers:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher
    ages = {bound: count - ages_before[bound] for bound, count in (await absorbed_ages(stack)).items()}
    cpu = {name: after[name] - before[name] for name in after} | {"(load generator)": result.cpu_seconds}
    seen, never = sql_delays(result.accepted, sql.seen)
    absorbed, unpublished = trust_delays(result.accepted, trust.moves)
    stored = rows - before_rows
    return Run(plan, result, took, drained, stored, seen, never, absorbed, unpublished, ages, cpu)


def show(run: Run) -> None:
    """Print a run."""
    _console.print(
        f"\n[bold]{run.plan.rate:,.0f} events/s for {run.plan.seconds:.0f} s[/]: accepted {run.events:,} "
        f"({run.rate:,.0f}/s), stored {run.stored:,}, lost {run.events - run.stored:,}, "
        f"requests unanswered {run.result.failed}, all stored {run.drained:.1f} s after the last answer"
    )
    answer = [request.answered - request.due for request in run.result.accepted]
    table = Table("seconds", "p50", "p95", "p99", "max", "requests", "without")
    for name, values, without in (
        ("due → 202", answer, run.result.failed),
        ("202 → visible in SQL", run.sql, run.never_seen),
        ("202 → in a published trust score", run.trust, run.unpublished),
    ):
        figures = [f"{percentile(values, share):.3f}" for share in (0.5, 0.95, 0.99, 1.0)]
        table.add_row(name, *figures, str(len(values)), str(without))
    _console.print(table)
    bounds = [histogram_percentile(run.absorbed, share) for share in (0.5, 0.95, 0.99, 1.0)]
    _console.print(
        "in the log → absorbed in the trust score, stored and published (seconds, at most): "
        + ", ".join(
            f"{name} {bound:g}" for name, bound in zip(("p50", "p95", "p99", "max"), bounds, strict=True)
        )
    )
    spent = Table("process", "CPU s per million events", "share of one core")
    for name, seconds in sorted(run.cpu.items(), key=lambda item: -item[1]):
        spent.add_row(name, f"{seconds / run.events * 1e6:.2f}", f"{seconds / run.took:.0%}")
    _console.print(spent)


async def _highest(stack: Stack, plan: Plan, rates: list[float]) -> float:
    best = 0.0
    for rate in rates:
        run = await measure(stack, msgspec.structs.replace(plan, rate=rate))
        show(run)
        if not run.sustained:
            break
        best = run.rate
    return best


async def _main(arguments: argparse.Namespace) -> None:
    with running_stack(arguments.gateway_workers) as (stack, up_seconds):
        _console.print(f"up took {up_seconds:.1f} s")
        agents = stack.create_agents(arguments.agents)
        plan = Plan(stack.gateway, agents, 2_000, 5)
        show(await measure(stack, plan))
        run = await measure(
            stack, msgspec.structs.replace(plan, rate=arguments.rate, seconds=arguments.seconds)
        )
        show(run)
        if arguments.search:
            steps = msgspec.structs.replace(plan, seconds=arguments.search_seconds)
            best = await _highest(stack, steps, [float(rate) for rate in arguments.search])
            _console.print(f"\nhighest rate sustained: {best:,.0f} events/s")


def main() -> None:
    """Run with the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=20_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--gateway-workers", type=int, default=1)
    parser.add_argument(
        "--search", type=int, nargs="*", default=[40_000, 60_000, 80_000, 100_000, 120_000, 150_000]
    )
    parser.add_argument("--search-seconds", type=float, default=20)
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
