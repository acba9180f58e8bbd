"""`promethios privacy`: erase an agent or a person, see how far that is, export an agent."""

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Column, Table

from infra.cli.client import open_client
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, Tenant
from infra.cli.privacy_client import ErasureDetails, PrivacyClient
from infra.errors import StackError
from schemas.erasures import ErasureMode

group = typer.Typer(
    help="Personal data: erase an agent or a person, see how far that is, export an agent.",
    no_args_is_help=True,
)

_POLL_SECONDS = 0.5


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="privacy")


@group.command()
def erase(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    agent: Annotated[str | None, typer.Option(help="An agent, with all that it has sent.")] = None,
    value: Annotated[
        str | None, typer.Option(help="A value in the texts of all agents, such as an address.")
    ] = None,
    mode: Annotated[
        ErasureMode,
        typer.Option(
            help="Take the rows; or leave an agent's figures under a random pseudonym, and put [erased] "
            "in the place of a value."
        ),
    ] = ErasureMode.ERASE,
    reason: Annotated[str, typer.Option(help="Why, for people.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be taken back.")] = False,
    wait: Annotated[bool, typer.Option(help="Return when it is done.")] = True,
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Erase or anonymise an agent, or a value wherever agents wrote it, and print the report; for good."""
    if (agent is None) == (value is None):
        raise StackError("Say what to erase: either --agent AGENT or --value TEXT.")
    wanted = {"agent_id": agent, "value": value, "mode": mode.value, "reason": reason}
    if not yes:
        typer.confirm(f"{what_is_done(agent, mode)}, for good?", abort=True)
    with open_client(data_dir, tenant) as client:
        privacy = PrivacyClient(client)
        found = privacy.erase({name: text for name, text in wanted.items() if text})
        while wait and not found.is_done:
            time.sleep(_POLL_SECONDS)
            found = privacy.erasure(found.erasure_id)
    print_report(found, as_json=as_json)


@group.command()
def erasures(tenant: Tenant = None, as_json: AsJson = False, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """List a tenant's erasures."""
    with open_client(data_dir, tenant) as client:
        found = PrivacyClient(client).erasures()
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"erasures": found}), indent=2).decode())
        return
    # As wide as a terminal of 80 characters; the rest is in `privacy erasure`.
    table = Table(Column("erasure id", no_wrap=True), "what", "state", "rows")
    for erasure in found:
        rows = str(sum(table.found for table in erasure.tables))
        table.add_row(erasure.erasure_id, f"{erasure.mode} {subject_of(erasure)}", erasure.state, rows)
    Console().print(table)


@group.command()
def erasure(
    erasure_id: Annotated[str, typer.Argument(help="As `privacy erasures` shows it.")],
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show how far an erasure is, what was found, and what remains where until when."""
    with open_client(data_dir, tenant) as client:
        print_report(PrivacyClient(client).erasure(erasure_id), as_json=as_json)


@group.command()
def export(
    agent_id: Annotated[str, typer.Argument(help="The agent's id.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="AGENT.zip if left out.")] = None,
    tenant: Tenant = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Write all that is stored of an agent into a ZIP file, a table an entry."""
    path = output or Path(f"{agent_id}.zip")
    with open_client(data_dir, tenant) as client:
        PrivacyClient(client).export(agent_id, path)
    typer.echo(f"All data of {agent_id} is in {path}.")


def what_is_done(agent: str | None, mode: ErasureMode) -> str:
    """What somebody is asked about before it begins."""
    if agent is None:
        return "Erase that value in all texts"
    if mode is ErasureMode.ERASE:
        return f"Erase the agent {agent} and all that it has sent"
    return f"End the agent {agent}, and keep its figures without its id and its texts"


def subject_of(erasure: ErasureDetails) -> str:
    """What it is about, without the value itself."""
    if erasure.agent_id is not None:
        return f"agent {erasure.agent_id}"
    if erasure.value_characters is None:
        return "a value, forgotten since"
    return f"a value of {erasure.value_characters} characters"


def print_report(erasure: ErasureDetails, *, as_json: bool) -> None:
    """Print how far an erasure is: JSON for programs, else tables of what was found and what remains."""
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(erasure), indent=2).decode())
        return
    typer.echo(f"erasure {erasure.erasure_id}, {erasure.mode} {subject_of(erasure)}: {erasure.state}")
    typer.echo(f"asked for by {erasure.requested_by} at {erasure.requested_at}")
    if erasure.waits_for:
        typer.echo(f"waits for {erasure.waits_for}")
    console = Console()
    found = Table("table", "rows found", "left")
    for table in erasure.tables:
        found.add_row(table.table, str(table.found), str(table.left))
    console.print(found)
    if erasure.remains:
        remains = Table(Column("remains in", overflow="fold"), "until", "why")
        for remainder in erasure.remains:
            remains.add_row(remainder.place, (remainder.until or "-")[:10], remainder.why)
        console.print(remains)
