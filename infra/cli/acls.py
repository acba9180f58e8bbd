"""`promethios topics acls`: who may do what on Kafka, as a table or for programs; and to make it so."""

import asyncio
from collections.abc import Collection
from typing import Annotated

import orjson
import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Column, Table

from infra.cli.addresses import external_kafka, external_users, kafka_address, unreachable
from infra.cli.options import AsJson, DataDir
from infra.errors import StackError
from infra.kafka.access import Changes, secure_cluster, secure_embedded
from infra.kafka.acls import ANY, Acl, Pattern, Permission, Users, cluster_acls, embedded_acls
from infra.kafka.passwords import read_passwords
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.ports import is_loopback
from infra.supervisor.settings import StackSettings
from infra.supervisor.stack_file import read
from schemas.topics import Service


def acls(
    context: typer.Context,
    data_dir: DataDir | None = None,
    as_json: AsJson = False,
    user: Annotated[
        list[str] | None,
        typer.Option(help="Who is whom on a cluster of yours, as writer=NAME; also admin=NAME, reader=NAME."),
    ] = None,
    apply: Annotated[
        bool,
        typer.Option("--apply", help="Add what the cluster lacks, and take away what is too much."),
    ] = False,
) -> None:
    """Show who may do what on Kafka: on that of PROMETHIOS_KAFKA_URL, or on the stack's own."""
    assert context.parent is not None  # noqa: S101 - it is a subcommand
    folder = DataFolder.at(data_dir or context.parent.params["data_dir"])
    settings = StackSettings.from_env()
    users = external_users(settings, _named(user or [])) if settings.kafka_url is not None else None
    if user and users is None:
        raise StackError(
            "The stack's own broker has its own users: --user is for that of PROMETHIOS_KAFKA_URL."
        )
    wanted = sorted(_own_acls(folder) if users is None else cluster_acls(users))
    if as_json:
        typer.echo(orjson.dumps([_fields(acl) for acl in wanted], option=orjson.OPT_INDENT_2).decode())
    else:
        Console().print(table(wanted))
    if apply:
        changes = asyncio.run(_apply(folder, settings, users))
        typer.echo(f"{len(changes.created)} added, {len(changes.removed)} removed", err=as_json)
        for acl in sorted(changes.removed):
            typer.echo(f"removed: {orjson.dumps(_fields(acl)).decode()}", err=as_json)


def table(acls: Collection[Acl]) -> Table:
    """A line for each topic and group, a column for each user."""
    users = sorted({acl.user for acl in acls})
    shown = Table("", Column("name", no_wrap=True), *users)
    for resource, pattern, name in sorted({(acl.resource, acl.pattern, acl.name) for acl in acls}):
        about = [acl for acl in acls if (acl.resource, acl.pattern, acl.name) == (resource, pattern, name)]
        cells = [_cell([acl for acl in about if acl.user == user]) for user in users]
        shown.add_row(resource.name.lower(), f"{name}{ANY}" if pattern is Pattern.PREFIXED else name, *cells)
    return shown


def _cell(acls: Collection[Acl]) -> str:
    refused = {Permission.ALLOW: "", Permission.DENY: "not "}
    words = [refused[acl.permission] + acl.operation.name.lower() for acl in sorted(acls)]
    return " ".join(dict.fromkeys(words))


def _fields(acl: Acl) -> dict[str, str]:
    return {
        "principal": f"User:{acl.user}",
        "host": acl.host,
        "operation": acl.operation.name,
        "permission_type": acl.permission.name,
        "resource_type": acl.resource.name,
        "resource_name": acl.name,
        "pattern_type": acl.pattern.name,
    }


def _named(options: Collection[str]) -> dict[str, str]:
    named = dict(option.partition("=")[::2] for option in options)
    roles = {"admin", "reader", *Service}
    if not all(role in roles and name for role, name in named.items()):
        raise StackError(f"--user must look like writer=NAME, for one of: {', '.join(sorted(roles))}.")
    return named


def _own_acls(folder: DataFolder) -> frozenset[Acl]:
    return embedded_acls(anonymous=is_loopback(read(folder).host))


async def _apply(folder: DataFolder, settings: StackSettings, users: Users | None) -> Changes:
    """To the cluster where there are `users` of it, else to the stack's own broker."""
    if settings.kafka_url is not None and users is not None:
        address = external_kafka(settings.kafka_url.get_secret_value(), settings)
        work = secure_cluster(address, users)
    else:
        stack = read(folder)
        address = kafka_address(folder, stack, settings)
        passwords = read_passwords(folder.kafka_passwords)
        work = secure_embedded(address, passwords, anonymous=is_loopback(stack.host))
    try:
        return await work
    except KafkaError as error:
        raise unreachable(address) from error
