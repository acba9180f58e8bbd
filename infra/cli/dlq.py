"""`promethios dlq`: the records and rows that a reader gave up, and how to send them again."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from infra.cli.addresses import operators_kafka, unreachable
from infra.cli.letters import as_fields, as_lines, in_one_line, seconds_text
from infra.cli.moments import parse_span
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir
from infra.dead_letters import letters
from infra.dead_letters.letter import Letter, Place, parse_place
from infra.dead_letters.letters import Wanted
from infra.dead_letters.log_reader import LogReader
from infra.dead_letters.notes import Notes
from infra.dead_letters.replaying import Found, Outcome, Replayed, Replayer
from infra.errors import StackError
from runtime import kafka

group = typer.Typer(
    help="Dead letters: what could not be stored or understood, and sending it again.", no_args_is_help=True
)

_CLIENT_ID = "promethios-dlq"
_MOST = 1000
ResultT = TypeVar("ResultT")

Name = Annotated[str, typer.Argument(help="As `dlq list` shows it.", metavar="LETTER")]
Names = Annotated[list[str] | None, typer.Argument(help="As `dlq list` shows them.", metavar="LETTER")]
FromTopic = Annotated[str | None, typer.Option("--topic", help="The topic that the record is from.")]
FromPartition = Annotated[int | None, typer.Option("--partition", min=0, help="And the partition there.")]
InReason = Annotated[str | None, typer.Option("--reason", help="Words in the reason.")]
Since = Annotated[str | None, typer.Option(help="Given up within this time: 30m, 12h, 7d.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="dlq")


@group.command("list")
def list_letters(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    topic: FromTopic = None,
    partition: FromPartition = None,
    reason: InReason = None,
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=_MOST, help="At most so many.")] = 20,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """List dead letters, the newest first."""
    wanted = _wanted(topic, partition, reason, since)

    async def work(reader: LogReader) -> tuple[list[Letter], Notes]:
        return await letters.newest(reader, wanted, limit), await letters.read_notes(reader, Notes())

    found, notes = _run(data_dir, work)
    if as_json:
        shown = [as_fields(letter) | {"sent_again": notes.is_done(letter.identity)} for letter in found]
        typer.echo(orjson.dumps({"letters": shown}, option=orjson.OPT_INDENT_2).decode())
        return
    Console().print(_table(found, notes))


@group.command()
def show(
    name: Name,
    raw: Annotated[
        Path | None, typer.Option(help="Write the value's bytes into this file, as they are.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show a letter: where it is from, why it was given up, its headers and its bytes."""
    place = parse_place(name)
    letter = _run(data_dir, lambda reader: letters.one(reader, place))
    if raw is not None:
        raw.write_bytes(letter.value)
        typer.echo(f"{len(letter.value)} bytes in {raw}", err=as_json)
    if as_json:
        typer.echo(orjson.dumps(as_fields(letter, whole=True), option=orjson.OPT_INDENT_2).decode())
        return
    for line in as_lines(letter, with_value=raw is None):
        typer.echo(line)


@group.command()
def replay(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    names: Names = None,
    topic: FromTopic = None,
    partition: FromPartition = None,
    reason: InReason = None,
    since: Since = None,
    everything: Annotated[bool, typer.Option("--all", help="Whatever was not sent again yet.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=_MOST, help="At most so many.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Send letters again to the reader that lacks them, the oldest first, once the cause is mended."""
    filters = (topic, partition, reason, since)
    filtered = any(option is not None for option in filters)
    if sum((bool(names), filtered, everything)) != 1:
        raise StackError("Say which: names of letters, or --topic, --partition, --reason, --since, or --all.")
    wanted = _wanted(*filters)
    places = [parse_place(name) for name in names or []]
    address = operators_kafka(data_dir)

    async def work(reader: LogReader) -> tuple[list[Replayed], int]:
        producer = None if dry_run else kafka.producer(address, client_id=_CLIENT_ID)
        try:
            if producer is not None:
                await producer.start()
            replayer = Replayer(reader, producer)
            if places:
                found = Found([await letters.one(reader, place) for place in places], 0)
            else:
                found = await replayer.find(wanted, limit)
            return await replayer.replay(found.letters), found.refused
        finally:
            if producer is not None:
                await producer.stop()

    replayed, refused = _run(data_dir, work)
    _summarise(replayed, dry_run=dry_run)
    if refused:
        typer.echo(f"{refused} more cannot be sent again: name one to be told why.")


def _summarise(replayed: list[Replayed], *, dry_run: bool) -> None:
    for one in replayed:
        if one.outcome is not Outcome.SENT:
            detail = f": {one.reason}" if one.reason else ""
            typer.echo(in_one_line(f"{one.letter.place}  {one.outcome}{detail}"))
    counts = Counter(one.outcome for one in replayed)
    said = ", ".join(f"{counts[one]} {one.partition(':')[0]}" for one in Outcome if counts[one])
    typer.echo(f"{'Would be: ' if dry_run else ''}{said or 'There is nothing to send again.'}")


def _table(found: list[Letter], notes: Notes) -> Table:
    name, source = Column("letter", no_wrap=True), Column("from", no_wrap=True)
    table = Table(name, "given up", "stage", source, Column("bytes", justify="right"), "sent", "reason")
    for letter in found:
        origin = letter.origin
        table.add_row(
            str(letter.place),
            seconds_text(letter.appended_at),
            _cell(letter.stage),
            _cell(str(Place(*origin)) if origin else "?"),
            str(len(letter.value)),
            "again" if notes.is_done(letter.identity) else "",
            _cell(letter.reason),
        )
    return table


def _cell(text: str) -> str:
    return escape(in_one_line(text))


def _wanted(topic: str | None, partition: int | None, reason: str | None, since: str | None) -> Wanted:
    span = parse_span(since).total_seconds() if since else 0
    since_ms = int((time.time() - span) * 1000) if since else 0
    return Wanted(topic=topic, partition=partition, reason=reason, since_ms=since_ms)


def _run(data_dir: Path, work: Callable[[LogReader], Awaitable[ResultT]]) -> ResultT:
    address = operators_kafka(data_dir)

    async def connected() -> ResultT:
        async with LogReader(address) as reader:
            return await work(reader)

    try:
        return asyncio.run(connected())
    except (KafkaError, TimeoutError) as error:
        raise unreachable(address) from error
