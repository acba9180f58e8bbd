"""The whole stack by the command while it runs: status, logs, topics, and what nobody may see."""

import re
import time

import httpx
import psutil
import pytest

from infra.kafka.passwords import read_passwords
from schemas.topics import DERIVED_TOPICS, TOPICS
from tests.kafka_probe import probing
from tests.stack import SERVICES, RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


def test_status_names_every_service(stack: RunningStack) -> None:
    services = stack.status()["services"]
    assert set(services) == SERVICES
    for service in services.values():
        assert psutil.pid_exists(service["pid"])
        assert service["state"] in {"running", "starting"}


def test_status_says_how_clickhouse_is_confined(stack: RunningStack) -> None:
    confinement = stack.status()["clickhouse_confinement"]
    assert set(confinement) == {"files", "network", "missing"}
    holds = confinement["files"] and confinement["network"]
    assert ("ClickHouse is confined: " in stack.run("status").stdout) == holds


def test_a_running_stack_is_not_started_twice(stack: RunningStack) -> None:
    again = stack.run("up", "--detach")
    assert again.returncode == 1
    assert "running already" in again.stderr
    assert stack.status()["services"]["kafka"]["pid"]


def test_logs_and_topics_of_a_running_stack(stack: RunningStack) -> None:
    # However much was logged since.
    whole = ("--lines", "1000000")
    assert "Kafka Server started" in stack.run("logs", "kafka", *whole).stdout
    assert re.search(r"^kafka +.*Kafka Server started", stack.run("logs", *whole).stdout, re.MULTILINE)
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


def test_a_webhook_is_tested_and_the_delivery_is_listed(stack: RunningStack) -> None:
    """By query API, dispatcher, writer and ClickHouse; the name leads nowhere, so nothing leaves here."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    with httpx.Client(base_url=stack.query, headers=headers, timeout=60) as client:
        made = client.post("/api/v1/webhooks", json={"url": "https://no-such-name.invalid/hook"})
        assert made.status_code == 201, made.text
        path = f"/api/v1/webhooks/{made.json()['webhook_id']}"
        # Alerts of the stack's other agents go there too.
        wanted = client.post(f"{path}/test").json()
        deadline = time.monotonic() + 120
        while not (found := client.get(f"{path}/deliveries", params=wanted).json()["deliveries"]):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        [delivery] = found
        assert delivery["notification_id"] == wanted["notification_id"]
        assert (delivery["outcome"], delivery["http_status"]) == ("undeliverable", None)
        assert "gaierror" in delivery["error"]
        assert client.delete(path).status_code == 204
