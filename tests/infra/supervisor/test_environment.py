"""What services are told: ports of the stack's own parts, URLs with passwords, nothing of external ones."""

import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.kafka.settings import log_dir_of
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import (
    Connections,
    advertised_kafka,
    clickhouse_url,
    http_url,
    kafka_address,
    service_addresses,
    supervisor_environment,
)
from infra.supervisor.stack_file import OwnBroker, StackFile
from runtime.settings import parse_clickhouse_url
from schemas.topics import Service
from tests.infra.supervisor.stacks import BROKER, stack_file

FOLDER = DataFolder.at(Path("/data dir"))
CONNECTIONS = Connections(
    kafka_urls={service: f"kafka+sasl_ssl://{service}:p@h:1" for service in Service},
    clickhouse_url="http://u:p@h:1/d",
    controller_port=40000,
)


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
    assert found["PROMETHIOS_KAFKA_LOG_DIR"] == str(log_dir_of(Path(found["PROMETHIOS_KAFKA_PATH"])))


def test_the_broker_learns_where_it_asks_for_passwords_and_where_they_are() -> None:
    broker = OwnBroker(advertised_host="192.0.2.7", internal_port=41000)
    stack = stack_file(host="0.0.0.0", broker=broker)  # noqa: S104 - nothing is bound
    found = environment(stack)
    assert found["PROMETHIOS_KAFKA_HOST"] == stack.host
    assert found["PROMETHIOS_KAFKA_ADVERTISED_HOST"] == "192.0.2.7"
    assert found["PROMETHIOS_KAFKA_INTERNAL_PORT"] == "41000"
    assert found["PROMETHIOS_KAFKA_PASSWORDS_DIR"] == "/data dir/kafka.passwords"
    assert advertised_kafka(broker, 9092) == "192.0.2.7:9092"


def test_each_service_is_a_user_of_its_own(tmp_path: Path) -> None:
    folder = DataFolder.at(tmp_path)
    folder.prepare()
    found = [kafka_address(folder, BROKER), *service_addresses(folder, BROKER).values()]
    assert {address.bootstrap_servers for address in found} == {"127.0.0.1:41000"}
    assert {address.security_protocol for address in found} == {"SASL_PLAINTEXT"}
    assert [address.username for address in found] == [
        "promethios-admin",
        "promethios-gateway",
        "promethios-processors",
        "promethios-writer",
        "promethios-query",
        "promethios-webhooks",
    ]
    for address in found:
        file = folder.kafka_passwords / str(address.username)
        assert address.password is not None
        assert address.password.get_secret_value() == file.read_text().strip()


def test_no_service_is_given_the_url_of_all() -> None:
    found = environment(stack_file())
    assert found["PROMETHIOS_WRITER_KAFKA_URL"] == "kafka+sasl_ssl://writer:p@h:1"
    assert "PROMETHIOS_KAFKA_URL" not in found


def test_an_external_store_has_urls_and_nothing_else() -> None:
    found = environment(stack_file(ports={"gateway": 1, "query": 2}, broker=None))
    assert {name for name in found if "KAFKA" in name} == {
        "PROMETHIOS_GATEWAY_KAFKA_URL",
        "PROMETHIOS_PROCESSORS_KAFKA_URL",
        "PROMETHIOS_WRITER_KAFKA_URL",
        "PROMETHIOS_QUERY_KAFKA_URL",
        "PROMETHIOS_WEBHOOKS_KAFKA_URL",
    }
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
