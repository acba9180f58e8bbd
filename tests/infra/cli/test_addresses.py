"""External stores go before the stack's own; a Kafka that asks nobody who they are is refused."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.cli.addresses import (
    clickhouse_address,
    external_users,
    kafka_address,
    service_kafka_urls,
    unreachable,
)
from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.settings import StackSettings
from runtime.settings import KafkaAddress, SettingsError, parse_kafka_url
from schemas.topics import Service
from tests.infra.supervisor.stacks import stack_file

OWN = StackSettings(kafka_url=None, clickhouse_url=None)
EXTERNAL = stack_file(ports={}, broker=None)
ADMIN_URL = "kafka+sasl_ssl://ops:p@k1:1,k2:2"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder.at(tmp_path)
    folder.prepare()
    return folder


def external(url: str = ADMIN_URL, *, insecure: bool = False, writer: str | None = None) -> StackSettings:
    writer_url = None if writer is None else SecretStr(writer)
    return StackSettings(kafka_url=SecretStr(url), kafka_insecure=insecure, writer_kafka_url=writer_url)


def test_the_stacks_own_parts(folder: DataFolder) -> None:
    folder.clickhouse_password_file.write_text("a/b@c\n")
    kafka = kafka_address(folder, stack_file(), OWN)
    assert (kafka.bootstrap_servers, kafka.username) == ("127.0.0.1:41000", "promethios-admin")
    address = clickhouse_address(folder, stack_file(), OWN)
    assert (address.host, address.port, address.password.get_secret_value()) == ("127.0.0.1", 8123, "a/b@c")


def test_external_parts(folder: DataFolder) -> None:
    settings = StackSettings(
        kafka_url=SecretStr(ADMIN_URL), clickhouse_url=SecretStr("https://u:p@ch:8443/db")
    )
    assert kafka_address(folder, EXTERNAL, settings).bootstrap_servers == "k1:1,k2:2"
    assert clickhouse_address(folder, EXTERNAL, settings).host == "ch"


def test_a_bad_url_names_its_variable(folder: DataFolder) -> None:
    with pytest.raises(SettingsError, match="PROMETHIOS_KAFKA_URL"):
        kafka_address(folder, stack_file(), external("localhost:9092"))


def test_a_cluster_without_passwords_must_be_accepted(folder: DataFolder) -> None:
    with pytest.raises(SettingsError, match="PROMETHIOS_KAFKA_INSECURE=1"):
        kafka_address(folder, EXTERNAL, external("kafka://k1:1"))
    accepted = external("kafka://k1:1", insecure=True)
    assert kafka_address(folder, EXTERNAL, accepted) == KafkaAddress("k1:1")
    with pytest.raises(SettingsError, match="PROMETHIOS_KAFKA_INSECURE=1"):
        service_kafka_urls(folder, EXTERNAL, external(writer="kafka://k1:1"))


def test_a_stack_that_was_external_needs_its_url(folder: DataFolder) -> None:
    with pytest.raises(StackError, match="set PROMETHIOS_KAFKA_URL"):
        kafka_address(folder, EXTERNAL, OWN)


def test_each_service_of_an_own_broker_is_a_user_apart(folder: DataFolder) -> None:
    users = {s: parse_kafka_url(u).username for s, u in service_kafka_urls(folder, stack_file(), OWN).items()}
    assert users == {service: f"promethios-{service}" for service in Service}


def test_services_share_an_external_user_unless_they_have_their_own(folder: DataFolder) -> None:
    settings = external(writer="kafka+sasl_ssl://w:p@k1:1")
    urls = service_kafka_urls(folder, EXTERNAL, settings)
    assert urls.pop(Service.WRITER) == "kafka+sasl_ssl://w:p@k1:1"
    assert set(urls.values()) == {ADMIN_URL}


def test_external_users_are_those_that_were_named_or_stand_in_urls() -> None:
    settings = external(writer="kafka+sasl_ssl://w:p@k1:1")
    users = external_users(settings, {"query": "q", "reader": "bi"})
    assert (users.admin, users.reader) == ("promethios-admin", "bi")
    assert users.services == {
        Service.GATEWAY: "promethios-gateway",
        Service.PROCESSORS: "promethios-processors",
        Service.WRITER: "w",
        Service.QUERY: "q",
        Service.WEBHOOKS: "promethios-webhooks",
    }
    assert external_users(settings, {"writer": "named"}).services[Service.WRITER] == "named"


def test_who_is_not_let_in_is_named_without_the_password() -> None:
    said = str(unreachable(parse_kafka_url("kafka+sasl_ssl://ops:secret@k1:1")))
    assert "does not answer or does not let ops in" in said
    assert "secret" not in said
