"""The whole stack by the command: up, the lines to paste, status, down, and up again with all data."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import httpx
import psutil
import pytest

from infra.kafka.passwords import read_passwords
from infra.kafka.principals import SERVICE_USERS
from infra.supervisor import leftovers
from infra.supervisor.data_folder import DataFolder
from schemas.tables import Table
from schemas.topics import DERIVED_TOPICS, TOPICS, Service
from tests.kafka_probe import probing
from tests.stack import RunningStack, free_offset, promethios

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

SERVICES = {"gateway", "query", "kafka", "clickhouse", "processors", "writer", "webhooks"}


def pasted_lines(report: str) -> str:
    return "\n".join(line for line in report.splitlines() if line.startswith(("KEY=", "curl ")))


def heartbeats(stack: RunningStack) -> int:
    with clickhouse_connect.get_client(**stack.clickhouse) as client:
        return int(str(client.command(f"SELECT count() FROM {Table.HEARTBEATS}")))  # noqa: S608 - our constant


def until_heartbeats(stack: RunningStack, count: int) -> None:
    deadline = time.monotonic() + 30
    while heartbeats(stack) != count:
        assert time.monotonic() < deadline, f"{heartbeats(stack)} heartbeats, not {count}"
        time.sleep(0.2)


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[RunningStack]:
    stack = RunningStack(tmp_path / "data")
    yield stack
    if stack.run("status").returncode == 0:
        stack.down()


def test_the_lines_that_up_prints_work_and_the_data_survives_a_restart(own_stack: RunningStack) -> None:
    for count in (1, 2):
        answered = subprocess.run(
            ["/bin/sh", "-c", pasted_lines(own_stack.startup_report)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert '"accepted":1' in answered.stdout.replace(" ", ""), answered.stdout + answered.stderr
        until_heartbeats(own_stack, count)
        own_stack.down()
        # A password that was removed is made anew, and the broker is told.
        (own_stack.folder.kafka_passwords / SERVICE_USERS[Service.GATEWAY]).unlink(missing_ok=True)
        own_stack.up()
    assert heartbeats(own_stack) == 2


def test_status_names_every_service(stack: RunningStack) -> None:
    services = stack.status()["services"]
    assert set(services) == SERVICES
    for service in services.values():
        assert psutil.pid_exists(service["pid"])
        assert service["state"] in {"running", "starting"}


def test_a_running_stack_is_not_started_twice(stack: RunningStack) -> None:
    again = stack.run("up", "--detach")
    assert again.returncode == 1
    assert "running already" in again.stderr
    assert stack.status()["services"]["kafka"]["pid"]


def test_logs_and_topics_of_a_running_stack(stack: RunningStack) -> None:
    assert "Kafka Server started" in stack.run("logs", "kafka").stdout
    assert re.search(r"^kafka +.*Kafka Server started", stack.run("logs").stdout, re.MULTILINE)
    assert "promethios" in stack.run("topics").stdout
    assert "up to date" in stack.run("migrate").stdout


async def test_the_broker_is_secured_as_it_starts(stack: RunningStack) -> None:
    assert "0 added, 0 removed" in stack.run("topics", "acls", "--apply").stdout
    async with probing(stack.anonymous_kafka) as anybody:
        assert set(await anybody.admin.list_topics()) == set(DERIVED_TOPICS)
    async with probing(stack.kafka) as administrator:
        assert set(TOPICS) <= set(await administrator.admin.list_topics())


def test_no_password_is_where_it_can_be_seen(stack: RunningStack) -> None:
    processes = [psutil.Process(service["pid"]) for service in stack.status()["services"].values()]
    shown = [" ".join(process.cmdline()) for process in (*processes, *processes[0].parents())]
    files = [*stack.folder.logs.iterdir(), stack.folder.run / "supervisord.conf", stack.folder.stack_file]
    shown += [file.read_text(errors="replace") for file in files]
    for password in read_passwords(stack.folder.kafka_passwords).values():
        assert not any(password in text for text in shown)


def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra.cli.main", "up", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(
        [*command, "--port-offset", str(free_offset())], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert leftovers.find(DataFolder.at(tmp_path / "data")) == []


def test_a_service_that_keeps_dying_ends_up_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHIOS_CLICKHOUSE_CONNECTIONS", "0")
    options = ("--data-dir", str(tmp_path / "data"), "--port-offset", str(free_offset()))
    ended = promethios("up", "--detach", *options, timeout=170)
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


def test_a_webhook_is_tested_and_the_delivery_is_listed(stack: RunningStack) -> None:
    """By query API, dispatcher, writer and ClickHouse; the name leads nowhere, so nothing leaves here."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    with httpx.Client(base_url=stack.query, headers=headers, timeout=30) as client:
        made = client.post("/api/v1/webhooks", json={"url": "https://no-such-name.invalid/hook"})
        assert made.status_code == 201, made.text
        path = f"/api/v1/webhooks/{made.json()['webhook_id']}"
        sent = client.post(f"{path}/test").json()
        deadline = time.monotonic() + 60
        while not (deliveries := client.get(f"{path}/deliveries").json()["deliveries"]):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        [delivery] = deliveries
        assert delivery["notification_id"] == sent["notification_id"]
        assert (delivery["outcome"], delivery["http_status"]) == ("undeliverable", None)
        assert "gaierror" in delivery["error"]
        assert client.delete(path).status_code == 204
