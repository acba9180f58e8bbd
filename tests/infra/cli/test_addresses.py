"""External stores go before the stack's own."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.cli.addresses import clickhouse_address, kafka_address
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.settings import StackSettings
from runtime.settings import SettingsError
from tests.infra.supervisor.stacks import stack_file

OWN = StackSettings(kafka_url=None, clickhouse_url=None)


def test_the_stacks_own_parts(tmp_path: Path) -> None:
    folder = DataFolder.at(tmp_path)
    folder.clickhouse_password_file.write_text("a/b@c\n")
    assert kafka_address(stack_file(), OWN).bootstrap_servers == "127.0.0.1:9092"
    address = clickhouse_address(folder, stack_file(), OWN)
    assert (address.host, address.port, address.password.get_secret_value()) == ("127.0.0.1", 8123, "a/b@c")


def test_external_parts(tmp_path: Path) -> None:
    settings = StackSettings(
        kafka_url=SecretStr("kafka://k1:1,k2:2"), clickhouse_url=SecretStr("https://u:p@ch:8443/db")
    )
    stack = stack_file(ports={})
    assert kafka_address(stack, settings).bootstrap_servers == "k1:1,k2:2"
    assert clickhouse_address(DataFolder.at(tmp_path), stack, settings).host == "ch"


def test_a_bad_url_names_its_variable() -> None:
    with pytest.raises(SettingsError, match="PROMETHIOS_KAFKA_URL"):
        kafka_address(stack_file(), StackSettings(kafka_url=SecretStr("localhost:9092")))
