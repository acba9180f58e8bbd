"""`promethios agents`: create agents, list them, show one, label one, suspend and resume one."""

from collections.abc import Iterable, Mapping
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

group = typer.Typer(help="Agents: create, list, show, label, suspend, resume.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="agents")


@group.command()
def create(
    agent_id: Annotated[str, typer.Argument(help="The new agent's id.")],
    label: Annotated[list[str] | None, typer.Option(help="name=value; may be given several times.")] = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Create an agent and its first key, and return when every gateway process knows the key."""
    with open_client(data_dir, tenant) as client:
        try:
            created, offsets = client.create_agent(agent_id, changed_labels({}, label or []))
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
    table = Table("agent", "status", "trust", "level", "labels", "created")
    for agent in agents:
        table.add_row(
            agent.agent_id,
            agent.status,
            _score(agent),
            agent.trust_level,
            ", ".join(labels_of(agent)),
            agent.created_at,
        )
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
    registered = {
        "governance_id": agent.governance_id,
        "created_at": agent.created_at,
        "labels": labels_of(agent),
    }
    print_fields({**report, **registered}, as_json=as_json)


@group.command("label")
def label_agent(
    agent_id: Annotated[str, typer.Argument(help="The agent's id.")],
    changes: Annotated[list[str], typer.Argument(help="name=value sets a label, name- takes it away.")],
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Change an agent's labels, by which alert rules and silences are for some agents."""
    with open_client(data_dir, tenant) as client:
        labels = changed_labels(client.agent(agent_id).labels, changes)
        agent = client.label_agent(agent_id, labels)
    print_fields({"agent_id": agent.agent_id, "labels": labels_of(agent)}, as_json=as_json)


@group.command()
def suspend(
    agent_id: Annotated[str, typer.Argument(help="The agent's id.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever looks at it next.")],
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Take nothing more of an agent, and return when every gateway process refuses it."""
    with open_client(data_dir, tenant) as client:
        agent, offsets = client.suspend_agent(agent_id, reason)
    wait_for_gateways(running_stack(data_dir).stack.gateway_sockets, offsets)
    print_fields(_suspension(agent), as_json=as_json)


@group.command()
def resume(
    agent_id: Annotated[str, typer.Argument(help="The agent's id.")],
    tenant: Tenant = None,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Take what an agent sends again, and return when every gateway process does."""
    with open_client(data_dir, tenant) as client:
        agent, offsets = client.resume_agent(agent_id)
    wait_for_gateways(running_stack(data_dir).stack.gateway_sockets, offsets)
    print_fields(_suspension(agent), as_json=as_json)


def changed_labels(labels: Mapping[str, str], changes: Iterable[str]) -> dict[str, str]:
    """The labels with `name=value` set and `name-` taken away.

    Raises:
        StackError: a change is neither.
    """
    changed = dict(labels)
    for change in changes:
        name, given, value = change.partition("=")
        if given:
            changed[name] = value
        elif change.endswith("-"):
            changed.pop(change[:-1], None)
        else:
            raise StackError(f"{change} is no label: name=value sets one, name- takes it away.")
    return changed


def labels_of(agent: AgentSummary) -> list[str]:
    """Labels as they are written, by name."""
    return [f"{name}={value}" for name, value in sorted(agent.labels.items())]


def print_fields(fields: dict[str, object], *, as_json: bool) -> None:
    """Print one thing: JSON for programs, else a line a field, never cut or wrapped, for keys are copied."""
    if as_json:
        typer.echo(orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode())
        return
    flat = _flat(fields)
    width = max(len(label) for label, _ in flat)
    for label, value in flat:
        typer.echo(f"{label:<{width}}  {value}")


def _suspension(agent: AgentSummary) -> dict[str, object]:
    suspension = msgspec.to_builtins(agent.suspension)
    return {"agent_id": agent.agent_id, "suspended": agent.is_suspended, "suspension": suspension}


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
