"""Settings: the URL forms; a bad value refuses to start and names its variable, without the secret."""

import pytest

from runtime.settings import ProcessSettings, SettingsError, parse_clickhouse_url, parse_kafka_url


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
    ],
)
def test_other_broker_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="PROMETHIOS_KAFKA_URL"):
        parse_kafka_url(url)


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
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka://x:1")
    settings = ProcessSettings.from_env()
    assert settings.kafka.bootstrap_servers == "x:1"
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, "log_level", "DEBUG")  # noqa: B010 - a plain assignment is an error to mypy too
