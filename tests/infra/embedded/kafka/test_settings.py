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


def test_the_broker_needs_a_folder_and_a_controllers_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="controller_port"):
        BrokerSettings()
    monkeypatch.setenv("PROMETHIOS_KAFKA_PATH", "/data")
    monkeypatch.setenv("PROMETHIOS_KAFKA_CONTROLLER_PORT", "40000")
    assert BrokerSettings().log_dir == Path("/data/data")
