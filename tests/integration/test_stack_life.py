"""A stack of a test's own: up, the lines to paste, down, up again with all data, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest

from infra.kafka.principals import SERVICE_USERS
from infra.supervisor import leftovers
from infra.supervisor.data_folder import DataFolder
from schemas.tables import Table
from schemas.topics import Service
from tests.embedded_broker import QUICK_COMPILER
from tests.stack import SERVICES, UP_SECONDS, RunningStack, free_offset, promethios

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


def pasted_lines(report: str) -> str:
    return "\n".join(line for line in report.splitlines() if line.startswith(("KEY=", "curl ")))


def heartbeats(stack: RunningStack) -> int:
    with clickhouse_connect.get_client(**stack.clickhouse) as client:
        return int(str(client.command(f"SELECT count() FROM {Table.HEARTBEATS}")))  # noqa: S608 - our constant


def until_heartbeats(stack: RunningStack, count: int) -> None:
    deadline = time.monotonic() + 120
    while heartbeats(stack) != count:
        assert time.monotonic() < deadline, f"{heartbeats(stack)} heartbeats, not {count}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def module_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Of this module's own, because its tests end it."""
    stack = RunningStack(tmp_path_factory.mktemp("life") / "data")
    yield stack
    if stack.is_running:
        stack.down()


@pytest.fixture
def own_stack(module_stack: RunningStack) -> RunningStack:
    """Running, with what other tests have put into it."""
    if not module_stack.is_running:
        module_stack.up()
    return module_stack


def test_the_lines_that_up_prints_work_and_the_data_survives_a_restart(own_stack: RunningStack) -> None:
    before = heartbeats(own_stack)
    for count in (1, 2):
        answered = subprocess.run(
            ["/bin/sh", "-c", pasted_lines(own_stack.startup_report)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert '"accepted":1' in answered.stdout.replace(" ", ""), answered.stdout + answered.stderr
        until_heartbeats(own_stack, before + count)
        if count == 1:
            own_stack.down()
            # A password that was removed is made anew, and the broker is told.
            (own_stack.folder.kafka_passwords / SERVICE_USERS[Service.GATEWAY]).unlink()
            own_stack.up()


@pytest.fixture
def heeding_ctrl_c() -> Iterator[None]:
    """What is started heeds SIGINT, also where these tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_ctrl_c")
def test_ctrl_c_stops_everything(module_stack: RunningStack) -> None:
    if module_stack.is_running:
        module_stack.down()
    command = [sys.executable, "-m", "infra.cli.main", "up", "--data-dir", str(module_stack.folder.root)]
    with subprocess.Popen(
        [*command, "--port-offset", str(module_stack.offset)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **QUICK_COMPILER},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
    assert leftovers.find(module_stack.folder) == []


def test_a_service_that_keeps_dying_ends_up_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHIOS_CLICKHOUSE_CONNECTIONS", "0")
    options = ("--data-dir", str(tmp_path / "data"), "--port-offset", str(free_offset()))
    ended = promethios("up", "--detach", *options, timeout=UP_SECONDS)
    assert ended.returncode == 1
    assert "clickhouse keeps dying" in ended.stderr
    assert "PROMETHIOS_CLICKHOUSE_CONNECTIONS" in ended.stderr
    assert leftovers.find(DataFolder.at(tmp_path / "data")) == []


def test_services_that_outlived_their_supervisor_do_no_harm(own_stack: RunningStack) -> None:
    supervisor = int((own_stack.folder.run / "supervisor.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    assert own_stack.run("status").returncode == 1
    own_stack.up()
    assert set(own_stack.status()["services"]) == SERVICES
