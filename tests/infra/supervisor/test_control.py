"""A real supervisord: it restarts what dies, stops in order, and its socket tells how things stand."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from infra.errors import StackError
from infra.supervisor.control import Supervisor, launch, socket_of
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import Connections, supervisor_environment
from infra.supervisor.services import SECRETS, Readiness, Service
from schemas import topics
from tests.infra.supervisor.stacks import stack_file

T = TypeVar("T")


def until(ask: Callable[[], T | None], seconds: float = 90) -> T:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := ask()) is not None:
            return found
        time.sleep(0.05)
    raise AssertionError("not in time")


def service(name: str, order: int) -> Service:
    # A module of the standard library that stays up and says where it is.
    module = "http.server --bind 127.0.0.1 0"
    secrets = frozenset({"PROMETHIOS_GATEWAY_KAFKA_URL"} if name == "intake" else ())
    return Service(
        name=name, role=name, module=module, order=order, readiness=Readiness.HTTP, secrets=secrets
    )


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder.at(tmp_path / "with space; and #")
    folder.prepare()
    return folder


@pytest.fixture
def supervisor(folder: DataFolder) -> Iterator[Supervisor]:
    urls = {name: f"kafka+sasl_ssl://{name}:p@h:1" for name in topics.Service}
    connections = Connections(kafka_urls=urls, clickhouse_url="http://u:p@h/d", controller_port=1)
    environment = supervisor_environment(folder, stack_file(), connections, "INFO")
    process = launch(folder, [service("store", 10), service("intake", 20)], environment)
    supervisor = Supervisor(socket_of(folder))
    yield supervisor
    supervisor.shut_down()
    process.wait(120)


def pids(supervisor: Supervisor) -> dict[str, int]:
    return {state.name: state.pid for state in supervisor.states() or []}


def running(supervisor: Supervisor) -> dict[str, int] | None:
    found = pids(supervisor)
    return found if len(found) == 2 and all(found.values()) else None


def test_what_dies_is_started_again(supervisor: Supervisor) -> None:
    before = until(lambda: running(supervisor))
    psutil.Process(before["intake"]).kill()

    def replaced() -> dict[str, int] | None:
        now = running(supervisor)
        return now if now and now["intake"] != before["intake"] else None

    assert until(replaced)["store"] == before["store"]


def test_services_stop_in_the_reverse_order_and_nothing_is_left(
    folder: DataFolder, supervisor: Supervisor
) -> None:
    processes = [psutil.Process(pid) for pid in until(lambda: running(supervisor)).values()]
    supervisor.shut_down()
    assert psutil.wait_procs(processes, timeout=120)[1] == []

    def told() -> str | None:
        log = (folder.logs / "supervisor.log").read_text()
        return log if "stopped: store" in log else None

    log = until(told)
    assert log.index("stopped: intake") < log.index("stopped: store")


def test_each_service_has_a_log_of_its_own(folder: DataFolder, supervisor: Supervisor) -> None:
    until(lambda: running(supervisor))
    until(lambda: (folder.logs / "intake.log").read_text() or None)
    assert "Serving HTTP" in (folder.logs / "intake.log").read_text()


def test_each_service_gets_its_own_secrets_alone(supervisor: Supervisor) -> None:
    pids = until(lambda: running(supervisor))
    processes = {name: psutil.Process(pid) for name, pid in pids.items()}
    # Before that they are still becoming what they are.
    until(lambda: all(_is_served(process.cmdline()) for process in processes.values()) or None)
    found = {
        name: {k: v for k, v in process.environ().items() if k in SECRETS}
        for name, process in processes.items()
    }
    assert found == {
        "store": {},
        "intake": {"PROMETHIOS_GATEWAY_KAFKA_URL": "kafka+sasl_ssl://gateway:p@h:1"},
    }


def _is_served(command: list[str]) -> bool:
    return "http.server" in command and command[0] != "env"


def test_nobody_at_the_socket_is_none(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "supervisor.sock")
    assert supervisor.states() is None
    assert supervisor.pid() is None
    supervisor.shut_down()


def test_a_supervisor_that_does_not_start_says_why(folder: DataFolder) -> None:
    with pytest.raises(StackError, match="ENV_PROMETHIOS_LOG_DIR"):
        launch(folder, [service("store", 10)], {})
