"""`promethios keys`: API keys of agents."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Column, Table

from infra.cli.agents import print_fields
from infra.cli.client import KeyDetails, open_client
from infra.cli.gateways import wait_for_gateways
from infra.cli.moments import parse_end, parse_span
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, Tenant
from infra.cli.running import running_stack
from schemas.permissions import DEFAULT_PERMISSIONS, Permission

group = typer.Typer(help="API keys of agents: create, list, change, rotate, revoke.", no_args_is_help=True)

ANYWHERE = "anywhere"

AgentId = Annotated[str, typer.Argument(help="The agent's id.", metavar="AGENT")]
KeyId = Annotated[str, typer.Argument(help="As `keys list` shows it.", metavar="KEY_ID")]
Name = Annotated[str | None, typer.Option(help="What the key is for, for people.")]
Permissions = Annotated[
    list[Permission] | None,
    typer.Option("--permission", help="May be given several times; new keys have all but logs.read."),
]
Allowed = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        help=f"A network or address that it may be used from; may be given several times, or `{ANYWHERE}`.",
    ),
]
Expires = Annotated[
    str | None, typer.Option(help="When it ends: 90d, 12h, 2027-01-31, 2027-01-31T12:00:00Z or never.")
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="keys")


@group.command()
def create(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    agent_id: AgentId,
    name: Name = None,
    permission: Permissions = None,
    allow: Allowed = None,
    expires: Expires = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Create one more key of an agent, and return when every gateway process knows it."""
    with open_client(data_dir, tenant) as client:
        created, offsets = client.create_key(agent_id, wanted_fields(name, permission, allow, expires))
    # Printed before the wait: the key is shown only once, whatever comes next.
    print_fields(msgspec.to_builtins(created), as_json=as_json)
    _wait(data_dir, offsets)


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
    # Whole even on a narrow terminal: it is what the other commands need.
    table = Table(
        Column("key id", overflow="fold", min_width=36), "name", "state", "last used", "may", "from"
    )
    for key in keys:
        places = ", ".join(key.allowed_networks) or ANYWHERE
        table.add_row(key.key_id, key.name, state_of(key, now), last_use_of(key), rights_of(key), places)
    Console().print(table)


@group.command()
def change(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    agent_id: AgentId,
    key_id: KeyId,
    name: Name = None,
    permission: Permissions = None,
    allow: Allowed = None,
    expires: Expires = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Change what a key may do, from where or until when, and return when every gateway process knows."""
    with open_client(data_dir, tenant) as client:
        wanted = wanted_fields(name, permission, allow, expires)
        changed, offsets = client.change_key(agent_id, key_id, wanted)
    _wait(data_dir, offsets)
    print_fields(msgspec.to_builtins(changed), as_json=as_json)


@group.command()
def rotate(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    agent_id: AgentId,
    key_id: KeyId,
    overlap: Annotated[str, typer.Option(help="How long both are good: 24h, 30m, or 0.")] = "24h",
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Create a key that may do the same and let this one expire; returns when every gateway process knows."""
    seconds = int(parse_span(overlap).total_seconds())
    with open_client(data_dir, tenant) as client:
        rotated, offsets = client.rotate_key(agent_id, key_id, seconds)
    # Printed before the wait: the key is shown only once, whatever comes next.
    print_fields(msgspec.to_builtins(rotated), as_json=as_json)
    _wait(data_dir, offsets)


@group.command()
def revoke(
    agent_id: AgentId,
    key_id: KeyId,
    tenant: Tenant = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Revoke a key for good, and return when no gateway process takes it any more."""
    with open_client(data_dir, tenant) as client:
        offsets = client.revoke_key(agent_id, key_id)
    _wait(data_dir, offsets)
    typer.echo(f"The key {key_id} of {agent_id} is revoked.")


def wanted_fields(
    name: str | None, permissions: list[Permission] | None, allow: list[str] | None, expires: str | None
) -> dict[str, object]:
    """The fields of a key as the query API takes them; those not asked for are left out.

    Raises:
        StackError: `expires` is no end.
    """
    wanted: dict[str, object] = {}
    if name is not None:
        wanted["name"] = name
    if permissions:
        wanted["permissions"] = [item.value for item in permissions]
    if allow:
        wanted["allowed_networks"] = [network for network in allow if network != ANYWHERE]
    if expires is not None:
        end = parse_end(expires, datetime.now(UTC))
        wanted["expires_at"] = end.isoformat() if end else None
    return wanted


def state_of(key: KeyDetails, now: datetime) -> str:
    """`active`, or since or until when not."""
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at[:10]}"
    if key.expires_at is None:
        return "active"
    expired = datetime.fromisoformat(key.expires_at) <= now
    return f"{'expired' if expired else 'until'} {key.expires_at[:10]}"


def last_use_of(key: KeyDetails) -> str:
    """The minute of its last use, in UTC."""
    return "-" if key.last_used_at is None else f"{key.last_used_at[:16].replace('T', ' ')}Z"


def rights_of(key: KeyDetails) -> str:
    """In a word what most keys may do, else the permissions by their names."""
    if set(key.permissions) == set(Permission):
        return "everything"
    return "all but read" if set(key.permissions) == set(DEFAULT_PERMISSIONS) else ", ".join(key.permissions)


def _wait(data_dir: Path, offsets: Mapping[str, int]) -> None:
    wait_for_gateways(running_stack(data_dir).stack.gateway_sockets, offsets)
