"""What `up` says can be pasted, and holds no secret."""

import shlex
from pathlib import Path

import pytest

from infra.cli.welcome import first_event, welcome
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import OwnBroker
from tests.infra.supervisor.stacks import stack_file


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder.at(tmp_path / "it's here")
    folder.prepare()
    return folder


def test_addresses_and_the_places_of_secrets_are_shown(folder: DataFolder) -> None:
    text = welcome(folder, stack_file())
    for expected in (
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8090",
        "http://127.0.0.1:8123",
        "127.0.0.1:9092",
        str(folder.admin_token_file),
    ):
        assert expected in text
    assert folder.admin_token_file.read_text().strip() not in text
    assert folder.clickhouse_password_file.read_text().strip() not in text


def test_external_stores_are_named_by_their_variables(folder: DataFolder) -> None:
    text = welcome(folder, stack_file(ports={"gateway": 1, "query": 2}, broker=None))
    assert "PROMETHIOS_KAFKA_URL" in text
    assert "PROMETHIOS_CLICKHOUSE_URL" in text


def test_consumers_learn_how_to_reach_the_broker(folder: DataFolder) -> None:
    assert "127.0.0.1:9092    derived topics can be read without a password" in welcome(folder, stack_file())
    broker = OwnBroker(advertised_host="192.0.2.7", internal_port=41000)
    opened = welcome(folder, stack_file(host="0.0.0.0", broker=broker))  # noqa: S104 - nothing is bound
    assert "192.0.2.7:9092    SCRAM-SHA-512, user promethios-reader, password in " in opened
    assert str(folder.kafka_passwords / "promethios-reader") in opened


def test_the_heartbeat_is_a_command_that_a_shell_understands(folder: DataFolder) -> None:
    _, heartbeat = first_event(folder, stack_file(), "agent-1")
    words = shlex.split(heartbeat)
    assert words[0] == "curl"
    assert words[-1] == '{"agentId": "agent-1", "status": "active"}'


def test_a_new_agent_is_named_each_time(folder: DataFolder) -> None:
    assert welcome(folder, stack_file()) != welcome(folder, stack_file())
