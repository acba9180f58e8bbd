"""Settings: the URL forms; a bad value refuses to start and names its variable, without the secret."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from runtime.settings import (
    ProcessSettings,
    SettingsError,
    kafka_url_field,
    parse_clickhouse_url,
    parse_kafka_url,
    trusted_kafka,
)


def test_a_plain_broker() -> None:
    address = parse_kafka_url("kafka://127.0.0.1:9092")
    assert (address.bootstrap_servers, address.security_protocol) == ("127.0.0.1:9092", "PLAINTEXT")
    assert address.username is None


def test_a_cluster_with_credentials() -> None:
    address = parse_kafka_url("kafka+sasl_ssl://us%40er:p%3Ass@one:9092,two:9093")
    assert address.bootstrap_servers == "one:9092,two:9093"
    assert address.security_protocol == "SASL_SSL"
    assert address.username == "us@er"
    assert address.password is not None
    assert address.password.get_secret_value() == "p:ss"
    assert "p:ss" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:9092",
        "http://x:1",
        "kafka://",
        "kafka://x",
        "kafka://x:0",
        "kafka://x:1,",
        "kafka+sasl_ssl://x:1",
        "kafka://user:pass@x:1",
        "kafka+ssl://user:pass@x:1",
    ],
)
def test_other_broker_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="PROMETHIOS_KAFKA_URL"):
        parse_kafka_url(url)


@given(st.sampled_from(["kafka+sasl_plaintext", "kafka+sasl_ssl"]), st.text(min_size=1), st.text(min_size=1))
def test_any_user_and_password_survive_the_url(scheme: str, user: str, password: str) -> None:
    address = parse_kafka_url(f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@x:1,y:2")
    assert parse_kafka_url(address.url) == address
    assert (address.username, address.password) == (user, SecretStr(password))


@pytest.mark.parametrize("url", ["kafka://x:1", "kafka+ssl://x:1"])
def test_a_kafka_that_asks_nobody_who_they_are_must_be_accepted(url: str) -> None:
    with pytest.raises(SettingsError, match=r"without authentication.*PROMETHIOS_KAFKA_INSECURE=1"):
        trusted_kafka(url, insecure=False)
    assert trusted_kafka(url, insecure=True).url == url
    assert trusted_kafka("kafka+sasl_ssl://u:p@x:1", insecure=False).username == "u"


class WriterLike(ProcessSettings):
    """A service with a variable of its own."""

    kafka_url: SecretStr = kafka_url_field("writer")


def test_a_service_may_have_a_user_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka+sasl_ssl://all:p@x:1")
    assert WriterLike.from_env().kafka.username == "all"
    monkeypatch.setenv("PROMETHIOS_GATEWAY_KAFKA_URL", "kafka+sasl_ssl://g:p@x:1")
    assert WriterLike.from_env().kafka.username == "all"
    monkeypatch.setenv("PROMETHIOS_WRITER_KAFKA_URL", "kafka+sasl_ssl://w:p@x:1")
    assert WriterLike.from_env().kafka.username == "w"
    monkeypatch.delenv("PROMETHIOS_KAFKA_URL")
    assert WriterLike.from_env().kafka.username == "w"


def test_both_variables_are_named_where_either_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHIOS_KAFKA_URL", raising=False)
    with pytest.raises(SettingsError, match="PROMETHIOS_WRITER_KAFKA_URL or PROMETHIOS_KAFKA_URL: "):
        WriterLike.from_env()


@pytest.mark.parametrize("settings", [ProcessSettings, WriterLike])
def test_a_process_refuses_such_a_kafka(
    settings: type[ProcessSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka://x:1")
    monkeypatch.delenv("PROMETHIOS_KAFKA_INSECURE", raising=False)
    with pytest.raises(SettingsError, match="PROMETHIOS_KAFKA_INSECURE=1"):
        settings.from_env()
    monkeypatch.setenv("PROMETHIOS_KAFKA_INSECURE", "1")
    assert settings.from_env().kafka.bootstrap_servers == "x:1"


def test_a_clickhouse_url() -> None:
    address = parse_clickhouse_url("https://user:p%40ss@ch.example/db")
    assert (address.host, address.port, address.database, address.secure) == ("ch.example", 8443, "db", True)
    assert address.password.get_secret_value() == "p@ss"
    assert parse_clickhouse_url("http://u:p@h:8200/db").port == 8200


@pytest.mark.parametrize("url", ["", "tcp://h:9000/db", "http://h:8123", "http://h:x/db", "http:///db"])
def test_other_clickhouse_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="PROMETHIOS_CLICKHOUSE_URL"):
        parse_clickhouse_url(url)


def test_a_bad_value_names_its_variable_and_hides_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka+sasl_ssl://:secret@x:1")
    monkeypatch.setenv("PROMETHIOS_LOG_LEVEL", "LOUD")
    with pytest.raises(SettingsError) as refusal:
        ProcessSettings.from_env()
    assert "PROMETHIOS_KAFKA_URL" in str(refusal.value)
    assert "PROMETHIOS_LOG_LEVEL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_settings_are_read_once_and_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka+sasl_ssl://u:p@x:1")
    settings = ProcessSettings.from_env()
    assert settings.kafka.bootstrap_servers == "x:1"
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, "log_level", "DEBUG")  # noqa: B010 - a plain assignment is an error to mypy too
