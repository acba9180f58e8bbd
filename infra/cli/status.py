"""`promethios status`: the services of a running stack, with process ids, states and ports."""

from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from infra.cli.confinement import read_confinement, sentence
from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.cli.running import running_stack
from infra.supervisor.control import ServiceState
from infra.supervisor.environment import http_url
from infra.supervisor.ports import DEFAULT_PORTS
from infra.supervisor.stack_file import StackFile

EXTERNAL = "external"
_STORES = ("kafka", "clickhouse")


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command()(status)


def status(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show each service's process id, state and port, and how ClickHouse is confined."""
    running = running_stack(data_dir)
    services = describe(running.states, running.stack)
    embedded = services["clickhouse"]["state"] != EXTERNAL
    confinement = read_confinement(http_url(running.stack, "clickhouse")) if embedded else None
    if as_json:
        shown = {"services": services, "clickhouse_confinement": confinement}
        typer.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        return
    table = Table("service", "state", "process id", "port")
    for name, service in services.items():
        table.add_row(name, *(str(service[key] or "") for key in ("state", "pid", "port")))
    Console().print(table)
    if confinement is not None:
        Console().print(sentence(confinement))


def describe(states: list[ServiceState], stack: StackFile) -> dict[str, dict[str, str | int | None]]:
    """What `status --json` shows; an external store has no process and no port of ours."""
    services: dict[str, dict[str, str | int | None]] = {
        state.name: {
            "pid": state.pid or None,
            "state": state.state,
            "port": stack.ports.get(state.name.partition("-")[0]),
        }
        for state in sorted(states, key=_reading_order)
    }
    for store in _STORES:
        if store not in services:
            services[store] = {"pid": None, "state": EXTERNAL, "port": None}
    return services


def _reading_order(state: ServiceState) -> tuple[int, str]:
    """Those that people connect to first, as their default ports stand."""
    role = state.name.partition("-")[0]
    names = list(DEFAULT_PORTS)
    return (names.index(role) if role in names else len(names), state.name)
