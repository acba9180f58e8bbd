"""`promethios keys`: API keys of agents."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Column, Table

from infra.cli.agents import print_fields
from infra.cli.client import KeyDetails, open_client
from infra.cli.gateways import wait_for_gateways
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, Tenant
from infra.cli.running import running_stack
from schemas.permissions import Permission

group = typer.Typer(help="API keys of agents: create, list, revoke.", no_args_is_help=True)

AgentId = Annotated[str, typer.Argument(help="The agent's id.", metavar="AGENT")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="keys")


@group.command()
def create(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    agent_id: AgentId,
    permission: Annotated[
        list[Permission] | None,
        typer.Option(help="May be given several times; without it all but logs.read."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="It expires after so many days.")] = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Create one more key of an agent, and return when every gateway process knows it."""
    wanted: dict[str, object] = {}
    if permission:
        wanted["permissions"] = [item.value for item in permission]
    if days is not None:
        wanted["expires_at"] = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    with open_client(data_dir, tenant) as client:
        created, offsets = client.create_key(agent_id, wanted)
    # Printed before the wait: the key is shown only once, whatever comes next.
    print_fields(msgspec.to_builtins(created), as_json=as_json)
    wait_for_gateways(running_stack(data_dir).stack.gateway_sockets, offsets)


@group.command("list")
def list_keys(
    agent_id: AgentId,
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """List an agent's keys, without their texts."""
    with open_client(data_dir, tenant) as client:
        keys = client.keys(agent_id)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"keys": keys}), indent=2).decode())
        return
    now = datetime.now(UTC)
    # Whole even on a narrow terminal: it is what `revoke` needs.
    table = Table(Column("key id", overflow="fold", min_width=36), "state", "may")
    for key in keys:
        table.add_row(key.key_id, state_of(key, now), rights_of(key))
    Console().print(table)


@group.command()
def revoke(
    agent_id: AgentId,
    key_id: Annotated[str, typer.Argument(help="As `keys list` shows it.", metavar="KEY_ID")],
    tenant: Tenant = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Revoke a key for good, and return when no gateway process takes it any more."""
    with open_client(data_dir, tenant) as client:
        offsets = client.revoke_key(agent_id, key_id)
    wait_for_gateways(running_stack(data_dir).stack.gateway_sockets, offsets)
    typer.echo(f"The key {key_id} of {agent_id} is revoked.")


def state_of(key: KeyDetails, now: datetime) -> str:
    """`active`, or since or until when not."""
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at[:10]}"
    if key.expires_at is None:
        return "active"
    expired = datetime.fromisoformat(key.expires_at) <= now
    return f"{'expired' if expired else 'until'} {key.expires_at[:10]}"


def rights_of(key: KeyDetails) -> str:
    """`everything`, or the permissions by their names."""
    return "everything" if set(key.permissions) == set(Permission) else ", ".join(key.permissions)
