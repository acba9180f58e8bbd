"""`promethios agents`: create agents, list them, show one."""

from typing import Annotated

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Table

from infra.cli.client import AgentSummary, ConflictError, open_client
from infra.cli.gateways import wait_for_gateways
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, Tenant
from infra.cli.running import running_stack
from infra.errors import StackError

group = typer.Typer(help="Agents: create, list, show.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="agents")


@group.command()
def create(
    agent_id: Annotated[str, typer.Argument(help="The new agent's id.")],
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Create an agent and its first key, and return when every gateway process knows the key."""
    with open_client(data_dir, tenant) as client:
        try:
            created, offsets = client.create_agent(agent_id)
        except ConflictError as error:
            raise StackError(
                f"The agent {agent_id} exists: for another key run `promethios keys create {agent_id}`."
            ) from error
    # Printed before the wait: the key is shown only once, whatever comes next.
    print_fields(msgspec.to_builtins(created), as_json=as_json)
    wait_for_gateways(running_stack(data_dir).stack.gateway_sockets, offsets)


@group.command("list")
def list_agents(tenant: Tenant = None, as_json: AsJson = False, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """List the agents with status and trust."""
    with open_client(data_dir, tenant) as client:
        agents = list(client.agents())
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"agents": agents}), indent=2).decode())
        return
    table = Table("agent", "status", "trust", "level", "created")
    for agent in agents:
        table.add_row(agent.agent_id, agent.status, _score(agent), agent.trust_level, agent.created_at)
    Console().print(table)


@group.command()
def show(
    agent_id: Annotated[str, typer.Argument(help="The agent's id.")],
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show an agent's status, trust and activity."""
    with open_client(data_dir, tenant) as client:
        agent = client.agent(agent_id)
        report = client.status(agent_id)
    registered = {"governance_id": agent.governance_id, "created_at": agent.created_at}
    print_fields({**report, **registered}, as_json=as_json)


def print_fields(fields: dict[str, object], *, as_json: bool) -> None:
    """Print one thing: JSON for programs, else a line a field, never cut or wrapped, for keys are copied."""
    if as_json:
        typer.echo(orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode())
        return
    flat = _flat(fields)
    width = max(len(label) for label, _ in flat)
    for label, value in flat:
        typer.echo(f"{label:<{width}}  {value}")


def _flat(fields: dict[str, object]) -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for name, value in fields.items():
        label = name.replace("_", " ")
        if isinstance(value, dict):
            flat += [(f"{label}: {inner}", found) for inner, found in _flat(value)]
        elif isinstance(value, list):
            flat.append((label, ", ".join(map(str, value))))
        else:
            flat.append((label, "-" if value is None else str(value)))
    return flat


def _score(agent: AgentSummary) -> str:
    return "-" if agent.trust_score is None else f"{agent.trust_score:.1f}"
