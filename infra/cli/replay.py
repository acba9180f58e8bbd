"""`promethios replay --verify`: whether the processors' state and outputs are what the log makes of them."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Annotated

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from infra.cli.addresses import operators_kafka
from infra.cli.letters import in_one_line
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir
from infra.errors import StackError
from infra.supervisor.settings import child_environment
from runtime.settings import KAFKA_URL
from schemas.verification import Outcome, Verification

# A process of its own: the services' code is theirs, and we import none of it.
_MODULE = "stream_processors.verification"
_PARTITION = "PROMETHIOS_VERIFY_PARTITION"

_START_GONE = (
    "The log's start is gone in {partitions}, by retention or to make room. A replay knows nothing of what "
    "agents did before, so an equal state is proven there, and one that differs proves nothing; events are "
    "compared only with their own copies."
)


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command()(replay)


def replay(
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare with the checkpoints and the derived topics.")
    ] = False,
    partition: Annotated[int | None, typer.Option(min=0, help="This partition only.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Replay the telemetry through the rules, and compare state and outputs, bit for bit; changes nothing."""
    if not verify:
        raise StackError(
            "A replay is made to compare, and changes nothing: say `promethios replay --verify`."
        )
    additions = {KAFKA_URL: operators_kafka(data_dir).url}
    if partition is not None:
        additions[_PARTITION] = str(partition)
    verifications = list(_run(additions))
    if as_json:
        shown = [msgspec.to_builtins(one) | {"outcome": one.outcome} for one in verifications]
        typer.echo(orjson.dumps({"partitions": shown}, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(verifications)
    if any(one.outcome in {Outcome.DIFFERENT, Outcome.REFUSED} for one in verifications):
        raise typer.Exit(1)


def _run(additions: dict[str, str]) -> Iterator[Verification]:
    # Its log goes to a file, lest a full pipe hold it up; only why it failed is shown.
    with tempfile.TemporaryFile() as log:
        done = subprocess.run(
            [sys.executable, "-m", _MODULE],
            env=child_environment(additions),
            stdout=subprocess.PIPE,
            stderr=log,
            check=False,
        )
        if done.returncode:
            log.seek(0)
            said = log.read().decode(errors="replace").strip().splitlines()
            raise StackError(said[-1] if said else f"The replay ended with code {done.returncode}.")
    for line in done.stdout.splitlines():
        yield msgspec.json.decode(line, type=Verification)


def _show(verifications: list[Verification]) -> None:
    Console().print(_table(verifications))
    for one in verifications:
        for line in _explained(one):
            typer.echo(f"Partition {one.partition}: {in_one_line(line)}")
    cut = [str(one.partition) for one in verifications if one.start and not one.refused]
    if cut:
        typer.echo(_START_GONE.format(partitions=f"partition {', '.join(cut)}"))


def _explained(one: Verification) -> Iterator[str]:
    if one.refused:
        yield f"not compared: {one.refused}"
    for difference in one.first:
        yield f"{difference.agent} {difference.kind} {difference.event}".rstrip()
    left_out = sum(one.differences.values()) - len(one.first)
    if left_out:
        yield f"and {left_out} more"


def _table(verifications: list[Verification]) -> Table:
    numbers = ("states", "uncertain", "events", "repeated")
    columns = [Column(name, justify="right") for name in numbers]
    table = Table("partition", "outcome", "offsets", *columns, "differences")
    for one in verifications:
        counts = ", ".join(f"{count} {kind}" for kind, count in one.differences.items())
        offsets = "" if one.refused else f"{one.start} to {one.fence}"
        figures = (one.states, one.uncertain, one.events, one.repeated)
        table.add_row(str(one.partition), one.outcome, offsets, *map(str, figures), counts)
    return table
