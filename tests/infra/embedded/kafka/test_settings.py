"""Where the cache is, and what the broker needs to be told."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.embedded.kafka.settings import BrokerSettings, DownloadSettings


def test_the_cache_folder_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_CACHE_DIR", "/elsewhere")
    assert DownloadSettings().folder == Path("/elsewhere")


def test_the_cache_follows_the_xdg_folder_if_it_is_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHIOS_CACHE_DIR", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert DownloadSettings().folder == Path("/xdg/promethios")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert DownloadSettings().folder == Path.home() / ".cache" / "promethios"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Of a broker on loopback."""
    for name, value in {
        "PATH": "/data",
        "PASSWORDS_DIR": "/passwords",
        "INTERNAL_PORT": "41000",
        "CONTROLLER_PORT": "40000",
    }.items():
        monkeypatch.setenv(f"PROMETHIOS_KAFKA_{name}", value)
    return monkeypatch


@pytest.mark.parametrize("name", ["PATH", "PASSWORDS_DIR", "INTERNAL_PORT", "CONTROLLER_PORT"])
def test_the_broker_needs_folders_and_ports(environment: pytest.MonkeyPatch, name: str) -> None:
    assert BrokerSettings().log_dir == Path("/data/data")
    environment.delenv(f"PROMETHIOS_KAFKA_{name}")
    with pytest.raises(ValidationError, match=name.lower()):
        BrokerSettings()


@pytest.mark.parametrize(
    ("host", "anonymous"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.0.2.7", False)],  # noqa: S104 - nothing is bound
)
def test_only_this_machine_may_come_without_a_password(
    environment: pytest.MonkeyPatch, host: str, anonymous: bool
) -> None:
    environment.setenv("PROMETHIOS_KAFKA_HOST", host)
    assert BrokerSettings().listeners.anonymous is anonymous
