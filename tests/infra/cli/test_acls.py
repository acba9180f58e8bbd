"""`promethios topics acls` shows who may do what, for people and for programs, and makes it so."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli.acls import table
from infra.cli.main import app
from infra.kafka.acls import Users, cluster_acls, embedded_acls
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import write
from runtime.settings import KafkaAddress
from schemas.topics import TOPICS, Topic
from tests.infra.supervisor.stacks import own_stack, stack_file

# Those that a service uses: on its own broker the administrator needs no entries.
USED = {topic for topic, spec in TOPICS.items() if spec.producers | spec.consumers}
EXTERNAL = {"PROMETHIOS_KAFKA_URL": "kafka+sasl_ssl://ops:p@127.0.0.1:1"}


@pytest.fixture(autouse=True)
def no_cluster_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHIOS_KAFKA_URL", raising=False)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["topics", "acls", *arguments], env={"COLUMNS": "250", **environment})


def test_the_table_has_a_line_for_each_resource_and_a_column_for_each_user() -> None:
    columns = {
        str(column.header): list(column.cells) for column in table(embedded_acls(anonymous=True)).columns
    }
    lines = {name: number for number, name in enumerate(columns["name"])}
    assert set(lines) >= USED

    def cell(name: str, user: str) -> object:
        return columns[user][lines[name]]

    assert cell(Topic.TELEMETRY, "promethios-processors") == "read write"
    assert cell(Topic.TELEMETRY, "promethios-writer") == "read delete"
    assert cell(Topic.TELEMETRY, "ANONYMOUS") == ""
    assert cell(Topic.ALERTS, "ANONYMOUS") == cell("*", "ANONYMOUS") == "read"
    assert cell("promethios.*", "promethios-reader") == "not all"
    assert cell("promethios.processors", "promethios-writer") == "describe"


def test_a_local_stack_shows_its_own(tmp_path: Path) -> None:
    write(DataFolder.at(tmp_path), stack_file())
    shown = run("--data-dir", str(tmp_path))
    assert shown.exit_code == 0, shown.output
    for topic in USED:
        assert topic in shown.output
    for user in ("ANONYMOUS", "promethios-gateway", "promethios-reader"):
        assert user in shown.output
    assert "promethios-admin" not in shown.output
    assert "not all" in shown.output


def test_programs_get_every_entry(tmp_path: Path) -> None:
    shown = run("--json", "--data-dir", str(tmp_path), "--user", "admin=ops", **EXTERNAL)
    assert shown.exit_code == 0, shown.output
    entries = json.loads(shown.stdout)
    assert len(entries) == len(cluster_acls(Users(admin="ops")))
    assert {
        "principal": "User:promethios-gateway",
        "host": "*",
        "operation": "WRITE",
        "permission_type": "ALLOW",
        "resource_type": "TOPIC",
        "resource_name": "promethios.telemetry.v1",
        "pattern_type": "LITERAL",
    } in entries
    assert {"User:ops"} == {e["principal"] for e in entries if e["operation"] == "CREATE"}


def test_the_folder_may_stand_before_the_subcommand(tmp_path: Path) -> None:
    write(DataFolder.at(tmp_path), stack_file(host="0.0.0.0"))  # noqa: S104 - nothing is bound
    shown = CliRunner().invoke(app, ["topics", "--data-dir", str(tmp_path), "acls", "--json"])
    assert shown.exit_code == 0, shown.output
    assert "ANONYMOUS" not in shown.output


@pytest.mark.parametrize(
    ("user", "environment"),
    [("admin=ops", {}), ("nobody=ops", EXTERNAL), ("writer=", EXTERNAL), ("x", EXTERNAL)],
)
def test_a_user_that_makes_no_sense(tmp_path: Path, user: str, environment: dict[str, str]) -> None:
    write(DataFolder.at(tmp_path), stack_file())
    shown = run("--data-dir", str(tmp_path), "--user", user, **environment)
    assert shown.exit_code == 1
    assert "--user" in shown.output


def test_without_a_stack_it_says_so(tmp_path: Path) -> None:
    shown = run("--data-dir", str(tmp_path))
    assert shown.exit_code == 1
    assert "There is no stack in" in shown.output


@pytest.mark.parametrize("user", ["", "u:p@"])
def test_a_cluster_that_cannot_be_changed_is_one_sentence(tmp_path: Path, user: str) -> None:
    scheme = "kafka+sasl_plaintext" if user else "kafka"
    shown = run("--apply", "--data-dir", str(tmp_path), PROMETHIOS_KAFKA_URL=f"{scheme}://{user}127.0.0.1:1")
    assert shown.exit_code == 1
    assert ("does not answer or does not let u in" if user else "PROMETHIOS_KAFKA_INSECURE=1") in shown.output
    assert "Traceback" not in shown.output


@pytest.mark.integration
async def test_a_broker_is_brought_into_shape(tmp_path: Path, kafka_address: KafkaAddress) -> None:
    folder = DataFolder.at(tmp_path)
    write(folder, own_stack(folder, kafka_address))
    applied = await asyncio.to_thread(run, "--apply", "--json", "--data-dir", str(tmp_path))
    assert applied.exit_code == 0, applied.output
    assert "0 added, 0 removed" in applied.stderr
    assert json.loads(applied.stdout)
