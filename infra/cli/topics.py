"""`promethios topics`: the topics of the registry, how they stand on the cluster, and who may use them."""

import asyncio

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Column, Table

from infra.cli.acls import acls
from infra.cli.addresses import kafka_address, unreachable
from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.kafka.topics import partition_counts
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.settings import StackSettings
from infra.supervisor.stack_file import read
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import TOPICS

group = typer.Typer(invoke_without_command=True)
group.command()(acls)


def register(app: typer.Typer) -> None:
    """Add the subcommand, and those below it."""
    app.add_typer(group, name="topics")


@group.callback()
def topics(context: typer.Context, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """List the topics, what they are for, and their partitions."""
    if context.invoked_subcommand is not None:
        return
    folder = DataFolder.at(data_dir)
    address = kafka_address(folder, read(folder), StackSettings.from_env())
    counts = asyncio.run(_partition_counts(address))
    table = Table(Column("topic", no_wrap=True), "class", "partitions", "cleanup", "what it holds")
    for spec in TOPICS.values():
        count = counts.get(spec.topic)
        cleanup = spec.config["cleanup.policy"]
        table.add_row(spec.topic, spec.topic_class, str(count or "missing"), cleanup, spec.description)
    Console().print(table)


async def _partition_counts(address: KafkaAddress) -> dict[str, int]:
    admin = kafka.admin(address, client_id="promethios-topics")
    try:
        await admin.start()
        return await partition_counts(admin, TOPICS)
    except KafkaError as error:
        raise unreachable(address) from error
    finally:
        await admin.close()
