"""`make bench-query`: how long the query API takes over a month of a large fleet's rows."""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import clickhouse_connect
from clickhouse_connect.driver import Client
from rich.console import Console
from rich.table import Table as Shown

from benchmarks.query.asking import Answers, ask
from benchmarks.query.downloading import download
from benchmarks.query.filling import DAYS, Sizes, day_of_rows
from benchmarks.query.questions import MUST_MANY_MS, questions
from benchmarks.stack import Stack, free_offset
from benchmarks.statistics import percentile
from schemas.tables import DATABASE, ROLLED_UP, Resolution, roll_up, roll_up_feed

_ASKED_AGENTS = 200
_MANY = 16
_MERGE_SECONDS = 1800
_console = Console(width=130)


def main() -> None:
    """Fill if there is nothing yet, ask, print a table; exit code 1 if a must is not kept."""
    options = _options()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="promethios-bench-query-"))
    stack = Stack(folder, free_offset())
    _promethios(stack, "up", "--port-offset", str(stack.offset), "--detach")
    try:
        if not (options.as_it_is or (folder / "filled").exists()):
            _fill(stack, Sizes(options.logs, options.metrics, options.agents))
            (folder / "filled").touch()
        failed = False if options.load_only else _measure(stack, options)
    finally:
        _promethios(stack, "down")
        if not options.folder:
            shutil.rmtree(folder)
    sys.exit(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.query", description=__doc__)
    parser.add_argument("--logs", type=int, default=100_000_000, help="log rows")
    parser.add_argument("--metrics", type=int, default=50_000_000, help="metric rows")
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument(
        "--folder", type=Path, help="kept, and used again when it is filled; else a temporary one"
    )
    parser.add_argument("--load-only", action="store_true", help="fill the folder, ask nothing")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="of each question, with one client and with 16"
    )
    parser.add_argument("--as-it-is", action="store_true", help="ask what a folder holds, filled or not")
    parser.add_argument("--only", default="", help="questions whose names hold this")
    return parser.parse_args()


def _promethios(stack: Stack, command: str, *arguments: str) -> None:
    program = str(Path(sys.executable).parent / "promethios")
    subprocess.run(
        [program, command, *arguments, "--data-dir", str(stack.data_dir)], check=True, stdout=sys.stderr
    )


def _fill(stack: Stack, sizes: Sizes) -> None:
    client = clickhouse_connect.get_client(**stack.clickhouse, send_receive_timeout=1800, compress=False)
    began = time.monotonic()
    progress = stack.data_dir / "steps-done"
    if not progress.exists():
        stack.create_agents(sizes.agents, "agent", digits=5)
    steps = _steps(client, sizes, stack.data_dir / "views.json")
    done = int(progress.read_text()) if progress.exists() else 0
    for number, statement in enumerate(steps):
        if number < done:
            continue
        client.command(statement)
        progress.write_text(str(number + 1))
        took = time.monotonic() - began
        print(f"\r{number + 1} of {len(steps)} steps, {took:.0f} s", end="", file=sys.stderr, flush=True)
    _wait_for_merges(client)
    print(f"merged after {time.monotonic() - began:.0f} s", file=sys.stderr)
    client.close()


def _steps(client: Client, sizes: Sizes, kept: Path) -> list[str]:
    """All statements, in their order; the views as they were at the first start."""
    if not kept.exists():
        kept.write_text(json.dumps(_views(client)))
    views: dict[str, dict[str, str]] = json.loads(kept.read_text())
    selects = {table: view["select"] for table, view in views.items()}
    return [
        *(f"DROP VIEW IF EXISTS {view['name']}" for view in views.values()),
        *(statement for day in range(DAYS) for statement in day_of_rows(sizes, day, selects)),
        *(view["create"] for view in views.values()),
    ]


def _views(client: Client) -> dict[str, dict[str, str]]:
    """What the views of the roll-ups select, by the tables that they feed, and how to make them again."""
    views = {}
    for table in ROLLED_UP:
        for resolution in Resolution:
            view = roll_up_feed(table, resolution)
            [row] = client.query(
                "SELECT as_select, create_table_query FROM system.tables "
                "WHERE database = {d:String} AND name = {n:String}",
                parameters={"d": DATABASE, "n": view},
            ).result_rows
            views[roll_up(table, resolution)] = {"name": view, "select": row[0], "create": row[1]}
    return views


def _wait_for_merges(client: Client) -> None:
    deadline = time.monotonic() + _MERGE_SECONDS
    while client.command("SELECT count() FROM system.merges") and time.monotonic() < deadline:
        time.sleep(1)


def _measure(stack: Stack, options: argparse.Namespace) -> bool:
    agents = [f"agent-{number:05d}" for number in range(min(_ASKED_AGENTS, options.agents))]
    of_one, of_many = ("p50", "p95", "p99", "n", "must"), ("p50 of 16", "p95", "p99", "n", "must")
    shown = Shown("question", *of_one, *of_many)
    failed = False
    for question in questions(datetime.now(UTC)):
        if options.only not in question.name:
            continue
        alone, many = (
            asyncio.run(ask(stack.query, stack.token, question, agents, (clients, options.seconds)))
            for clients in (1, _MANY)
        )
        shown.add_row(question.name, *_row(alone, question.must_ms), *_row(many, MUST_MANY_MS))
        failed |= _misses(alone, question.must_ms) or _misses(many, MUST_MANY_MS)
    _console.print(_stored(stack), shown)
    if not options.only:
        downloaded = download(stack, options.logs)
        _console.print(downloaded.report())
        failed |= downloaded.grew_too_much
    return failed


def _row(answers: Answers, must_ms: float) -> Sequence[str]:
    times = [f"{percentile(answers.times, share):.0f} ms" for share in (0.5, 0.95, 0.99)]
    count = f"{len(answers.times)}" + (f", refused {len(answers.refused)}" if answers.refused else "")
    return (*times, count, f"{must_ms:.0f} ms" + (" MISSED" if _misses(answers, must_ms) else ""))


def _misses(answers: Answers, must_ms: float) -> bool:
    return bool(answers.refused) or not percentile(answers.times, 0.95) <= must_ms


def _stored(stack: Stack) -> str:
    client = clickhouse_connect.get_client(**stack.clickhouse)
    rows = client.query(
        "SELECT table, formatReadableQuantity(sum(rows)), formatReadableSize(sum(bytes_on_disk)), count() "
        "FROM system.parts WHERE active AND database = {d:String} GROUP BY table HAVING sum(rows) > 0 "
        "ORDER BY sum(bytes_on_disk) DESC",
        parameters={"d": DATABASE},
    ).result_rows
    client.close()
    return "\n".join(f"{table}: {count} rows, {size}, {parts} parts" for table, count, size, parts in rows)


if __name__ == "__main__":
    main()
