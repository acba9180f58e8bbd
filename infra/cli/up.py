"""`promethios up`: start a whole stack, in the foreground or in the background."""

import asyncio
import signal
import subprocess
import time
from typing import Annotated

import typer
from filelock import FileLock
from rich.console import Console
from rich.progress import Progress

from infra.cli.addresses import effective_clickhouse_url, kafka_address, service_kafka_urls
from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.cli.startup import Startup, SupervisorGoneError, check_alive
from infra.cli.welcome import welcome
from infra.embedded.kafka import prepare
from infra.errors import StackError
from infra.supervisor import leftovers, ports, stack_file
from infra.supervisor.control import Supervisor, launch, socket_of
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.deaths import DeathWatch
from infra.supervisor.environment import Connections, supervisor_environment
from infra.supervisor.services import gateway_socket_name, stack_services
from infra.supervisor.settings import StackSettings
from infra.supervisor.stack_file import OwnBroker, StackFile
from runtime.settings import parse_clickhouse_url
from schemas.topics import DEFAULT_PARTITIONS

_WATCH_SECONDS = 0.5
_STOP_SECONDS = 120


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command()(up)


def up(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    port_offset: Annotated[
        int, typer.Option(help="Added to each port, so that stacks run side by side.")
    ] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 opens the stack to others.")
    ] = "127.0.0.1",
    gateway_workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that share the gateway's port.")
    ] = 1,
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready.")] = False,
) -> None:
    """Start Kafka, ClickHouse and all services; Ctrl-C stops them, and the next start finds all data."""
    settings = StackSettings.from_env()
    folder = DataFolder.at(data_dir)
    folder.prepare()
    # A terminal that closes and a plain kill end a stack in the foreground as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    with _taken(folder):
        stack = _describe(folder, settings, host=host, port_offset=port_offset, workers=gateway_workers)
        _run(folder, stack, settings, Console(soft_wrap=True), detach=detach)


def _taken(folder: DataFolder) -> FileLock:
    """Take the data folder; nobody else has it and nothing of a former stack runs in it afterwards."""
    lock = folder.lock()
    if Supervisor(socket_of(folder)).pid() is not None:
        lock.release()
        raise StackError(
            f"The stack in {folder.root} is running already: look at it with `promethios status`, "
            "or stop it with `promethios down`."
        )
    leftovers.end(leftovers.find(folder))
    return lock


def _describe(
    folder: DataFolder, settings: StackSettings, *, host: str, port_offset: int, workers: int
) -> StackFile:
    own = ports.with_offset(port_offset)
    if settings.kafka_url:
        del own["kafka"]
    if settings.clickhouse_url:
        del own["clickhouse"]
    ports.check_free(host, own)
    former = stack_file.read_if_any(folder.stack_file)
    return StackFile(
        host=host,
        ports=own,
        gateway_sockets=[str(folder.sockets / gateway_socket_name(worker)) for worker in range(workers)],
        supervisor_socket=str(socket_of(folder)),
        kafka_disk_cap_bytes=settings.kafka_disk_cap_bytes,
        # Fixed by the first start: keys would move to other partitions.
        partitions=former.partitions if former else DEFAULT_PARTITIONS,
        broker=_own_broker(settings, host) if "kafka" in own else None,
    )


def _own_broker(settings: StackSettings, host: str) -> OwnBroker:
    """A broker that listens on all addresses has to tell its clients one of them."""
    if ports.is_wildcard(host):
        host = settings.kafka_advertised_host or ports.machine_address()
    return OwnBroker(advertised_host=host, internal_port=ports.unused())


def _run(
    folder: DataFolder, stack: StackFile, settings: StackSettings, console: Console, *, detach: bool
) -> None:
    connections = Connections(
        kafka_urls=service_kafka_urls(folder, stack, settings),
        clickhouse_url=effective_clickhouse_url(folder, stack, settings),
        controller_port=ports.unused(),
    )
    kafka = kafka_address(folder, stack, settings)
    clickhouse = parse_clickhouse_url(connections.clickhouse_url)
    if stack.broker is not None:
        with Progress(console=console, transient=True) as progress:
            prepare.prepare(progress)
    services = stack_services(
        kafka=stack.broker is not None,
        clickhouse="clickhouse" in stack.ports,
        gateway_workers=stack.gateway_workers,
    )
    stack_file.write(folder, stack)
    began = time.monotonic()
    process = launch(folder, services, supervisor_environment(folder, stack, connections, settings.log_level))
    supervisor = Supervisor(socket_of(folder))
    startup = Startup(
        folder=folder,
        stack=stack,
        services=services,
        supervisor=supervisor,
        kafka=kafka,
        clickhouse=clickhouse,
        console=console,
        began=began,
    )
    try:
        asyncio.run(startup.run())
        console.print("\n" + welcome(folder, stack), markup=False, highlight=False)
        if detach:
            return
        console.print("\nCtrl-C stops everything.")
        _supervise(supervisor, folder)
    except KeyboardInterrupt:
        console.print("Stopping ...")
    except SupervisorGoneError:
        console.print("The stack has been stopped.")
        return
    except BaseException:
        _stop(process, supervisor)
        raise
    _stop(process, supervisor)


def _supervise(supervisor: Supervisor, folder: DataFolder) -> None:
    """Watch until Ctrl-C."""
    deaths = DeathWatch()
    while True:
        check_alive(supervisor, deaths, folder)
        time.sleep(_WATCH_SECONDS)


def _stop(process: subprocess.Popen[bytes], supervisor: Supervisor) -> None:
    # From here on a second Ctrl-C would only leave processes behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    supervisor.shut_down()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
