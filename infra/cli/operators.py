"""`promethios operators`: who may ask the query API, in which role, and by which tokens."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Column, Table

from infra.cli.agents import print_fields
from infra.cli.client import open_client
from infra.cli.moments import NEVER, parse_end, parse_span
from infra.cli.operator_client import OperatorClient, OperatorDetails, TokenDetails
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir
from infra.errors import StackError
from schemas.operators import Role

group = typer.Typer(
    help="Operators and their tokens: create, list, change, remove, tokens, token, rotate, revoke.",
    no_args_is_help=True,
)

EVERYWHERE = "all"

OperatorId = Annotated[str, typer.Argument(help="The operator's id.", metavar="OPERATOR")]
TokenId = Annotated[str, typer.Argument(help="As `operators tokens` shows it.", metavar="TOKEN_ID")]
Name = Annotated[str | None, typer.Option(help="Who or what it is, for people.")]
Expires = Annotated[
    str | None,
    typer.Option(help="When the token ends: 90d (the default), 12h, 2027-01-31; 366 days at most."),
]
Tenant = Annotated[str | None, typer.Option(help="The tenant; `default` if left out.")]
Narrowed = Annotated[str | None, typer.Option(help="Operators of this tenant only.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="operators")


@group.command()
def create(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    operator_id: OperatorId,
    role: Annotated[Role, typer.Option(help="What they may do; each may what those before it may.")],
    name: Name = None,
    expires: Expires = None,
    tenant: Tenant = None,
    all_tenants: Annotated[bool, typer.Option("--all-tenants", help="Of every tenant.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Create an operator and a first token, which is shown this once."""
    if all_tenants and tenant is not None:
        raise StackError("An operator is of one tenant or of all: leave out --tenant or --all-tenants.")
    wanted = {"operator_id": operator_id, "role": role.value, "all_tenants": all_tenants}
    if name is not None:
        wanted["name"] = name
    with open_client(data_dir, tenant) as client:
        created = OperatorClient(client).create({**wanted, "token": wanted_token(None, expires)})
    fields = msgspec.to_builtins(created)
    if not as_json:
        first = fields.pop("first_token")
        fields |= {name: first[name] for name in ("token_id", "expires_at", "token")}
    print_fields(fields, as_json=as_json)


@group.command("list")
def list_operators(
    tenant: Narrowed = None, as_json: AsJson = False, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """List operators, without their tokens."""
    with open_client(data_dir, tenant) as client:
        operators = OperatorClient(client).all()
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"operators": operators}), indent=2).decode())
        return
    table = Table("operator", "role", "tenant", "name", "created")
    for found in operators:
        table.add_row(found.operator_id, found.role, tenant_of(found), found.name, found.created_at[:10])
    Console().print(table)


@group.command()
def change(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    operator_id: OperatorId,
    role: Annotated[Role | None, typer.Option(help="What they may do from now on.")] = None,
    name: Name = None,
    tenant: Narrowed = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Change an operator's role or name; in force within two seconds."""
    wanted = {
        key: value for key, value in (("role", role and role.value), ("name", name)) if value is not None
    }
    with open_client(data_dir, tenant) as client:
        changed = OperatorClient(client).change(operator_id, wanted)
    print_fields(msgspec.to_builtins(changed), as_json=as_json)


@group.command()
def remove(operator_id: OperatorId, tenant: Narrowed = None, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Remove an operator with all tokens; in force within two seconds."""
    with open_client(data_dir, tenant) as client:
        OperatorClient(client).remove(operator_id)
    typer.echo(f"The operator {operator_id} is removed.")


@group.command("tokens")
def list_tokens(
    operator_id: OperatorId,
    tenant: Narrowed = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """List an operator's tokens, without their texts."""
    with open_client(data_dir, tenant) as client:
        tokens = OperatorClient(client).tokens(operator_id)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"tokens": tokens}), indent=2).decode())
        return
    now = datetime.now(UTC)
    # Whole even on a narrow terminal: it is what the other commands need.
    table = Table(Column("token id", overflow="fold", min_width=36), "name", "state", "last used")
    for token in tokens:
        last_used = "-" if token.last_used_at is None else f"{token.last_used_at[:16].replace('T', ' ')}Z"
        table.add_row(token.token_id, token.name, state_of(token, now), last_used)
    Console().print(table)


@group.command("token")
def create_token(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    operator_id: OperatorId,
    name: Name = None,
    expires: Expires = None,
    tenant: Narrowed = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Make one more token of an operator, shown this once."""
    with open_client(data_dir, tenant) as client:
        created = OperatorClient(client).issue(operator_id, wanted_token(name, expires))
    print_fields(msgspec.to_builtins(created), as_json=as_json)


@group.command()
def rotate(  # noqa: PLR0913, PLR0917 - a command's options are arguments
    operator_id: OperatorId,
    token_id: TokenId,
    overlap: Annotated[str, typer.Option(help="How long both are good: 24h, 30m, or 0.")] = "24h",
    tenant: Narrowed = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Make a token's successor, shown this once, and let the token end after the overlap."""
    seconds = int(parse_span(overlap).total_seconds())
    with open_client(data_dir, tenant) as client:
        rotated = OperatorClient(client).rotate(operator_id, token_id, seconds)
    print_fields(msgspec.to_builtins(rotated), as_json=as_json)


@group.command()
def revoke(
    operator_id: OperatorId,
    token_id: TokenId,
    tenant: Narrowed = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Revoke a token for good; in force within two seconds."""
    with open_client(data_dir, tenant) as client:
        OperatorClient(client).revoke(operator_id, token_id)
    typer.echo(f"The token {token_id} of {operator_id} is revoked.")


def wanted_token(name: str | None, expires: str | None) -> dict[str, object]:
    """The fields of a token as the query API takes them; those not asked for are left out.

    Raises:
        StackError: `expires` is no end.
    """
    wanted: dict[str, object] = {}
    if name is not None:
        wanted["name"] = name
    if expires is not None:
        end = parse_end(expires, datetime.now(UTC))
        if end is None:
            raise StackError(f"A token has an end: write 90d or 2027-01-31, not {NEVER}.")
        wanted["expires_at"] = end.isoformat()
    return wanted


def state_of(token: TokenDetails, now: datetime) -> str:
    """`active`, or since or until when not."""
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at[:10]}"
    if token.expires_at is None:
        return "active"
    expired = datetime.fromisoformat(token.expires_at) <= now
    return f"{'expired' if expired else 'until'} {token.expires_at[:10]}"


def tenant_of(operator: OperatorDetails) -> str:
    """The tenant, or `all`."""
    return operator.tenant_id or EVERYWHERE
