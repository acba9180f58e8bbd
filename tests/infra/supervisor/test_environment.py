"""What services are told: ports of the stack's own parts, URLs with passwords, nothing of external ones."""

import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.kafka.settings import BrokerSettings
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import (
    Connections,
    advertised_kafka,
    clickhouse_url,
    http_url,
    kafka_url,
    supervisor_environment,
)
from infra.supervisor.stack_file import OpenBroker, StackFile
from runtime.settings import parse_clickhouse_url, parse_kafka_url
from tests.infra.supervisor.stacks import stack_file

FOLDER = DataFolder.at(Path("/data dir"))
CONNECTIONS = Connections(kafka_url="kafka://h:1", clickhouse_url="http://u:p@h:1/d", controller_port=40000)


def environment(stack: StackFile) -> dict[str, str]:
    return supervisor_environment(FOLDER, stack, CONNECTIONS, "INFO")


def test_services_learn_their_ports() -> None:
    found = environment(stack_file())
    assert found["PROMETHIOS_GATEWAY_PORT"] == "8080"
    assert found["PROMETHIOS_QUERY_PORT"] == "8090"
    assert found["PROMETHIOS_KAFKA_PORT"] == "9092"
    assert found["PROMETHIOS_KAFKA_CONTROLLER_PORT"] == "40000"
    assert found["PROMETHIOS_CLICKHOUSE_PASSWORD_FILE"] == "/data dir/clickhouse.password"
    assert shlex.split(found["PROMETHIOS_PYTHON"]) == [sys.executable]


def test_services_learn_which_log_to_mind_and_its_cap() -> None:
    found = environment(stack_file())
    assert found["PROMETHIOS_KAFKA_DISK_CAP_BYTES"] == str(20 * 1024**3)
    broker = BrokerSettings(path=Path(found["PROMETHIOS_KAFKA_PATH"]), controller_port=1)
    assert found["PROMETHIOS_KAFKA_LOG_DIR"] == str(broker.log_dir)


def test_a_broker_that_is_open_to_others_has_a_port_for_ourselves() -> None:
    broker = OpenBroker(advertised_host="192.0.2.7", internal_port=41000)
    stack = stack_file(host="0.0.0.0", open_broker=broker)  # noqa: S104 - nothing is bound
    found = environment(stack)
    assert found["PROMETHIOS_KAFKA_HOST"] == stack.host
    assert found["PROMETHIOS_KAFKA_ADVERTISED_HOST"] == "192.0.2.7"
    assert found["PROMETHIOS_KAFKA_INTERNAL_PORT"] == "41000"
    assert kafka_url(stack) == "kafka://127.0.0.1:41000"
    assert advertised_kafka(stack) == "192.0.2.7:9092"


def test_a_broker_of_ours_alone_is_advertised_where_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_ADVERTISED_HOST", "elsewhere")
    found = environment(stack_file())
    assert found["PROMETHIOS_KAFKA_ADVERTISED_HOST"] == "127.0.0.1"
    assert advertised_kafka(stack_file()) == "127.0.0.1:9092"


def test_an_external_store_has_a_url_and_nothing_else() -> None:
    found = environment(stack_file(ports={"gateway": 1, "query": 2}))
    assert {name for name in found if "KAFKA" in name} == {"PROMETHIOS_KAFKA_URL"}
    assert {name for name in found if "CLICKHOUSE" in name} == {"PROMETHIOS_CLICKHOUSE_URL"}


@given(st.text(min_size=1))
def test_any_password_survives_the_url(password: str) -> None:
    address = parse_clickhouse_url(clickhouse_url(stack_file(), password))
    assert address.password.get_secret_value() == password
    assert (address.username, address.port, address.database) == ("promethios", 8123, "promethios")


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")],
)
def test_services_reach_each_other_where_they_listen(host: str, shown: str) -> None:
    stack = stack_file(host=host)
    assert http_url(stack, "gateway") == f"http://{shown}:8080"
    assert parse_kafka_url(kafka_url(stack)).bootstrap_servers == f"{shown}:9092"
