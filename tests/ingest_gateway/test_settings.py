"""Whom the gateway trusts and how often it notes a key's use, out of the environment."""

from ipaddress import ip_network

import pytest

from ingest_gateway.settings import GatewaySettings
from runtime.settings import SettingsError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka+sasl_ssl://u:p@localhost:9092")


def test_nobody_is_trusted_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert GatewaySettings.from_env().trusted_proxies == ()
    monkeypatch.setenv("PROMETHIOS_GATEWAY_TRUSTED_PROXIES", " 10.0.0.1, 2001:db8::/32,")
    networks = (ip_network("10.0.0.1/32"), ip_network("2001:db8::/32"))
    assert GatewaySettings.from_env().trusted_proxies == networks


@pytest.mark.parametrize("value", ["proxy.example.com", "10.0.0.1/8", "10.0.0.1 10.0.0.2"])
def test_a_proxy_that_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PROMETHIOS_GATEWAY_TRUSTED_PROXIES", value)
    with pytest.raises(SettingsError, match=r"PROMETHIOS_GATEWAY_TRUSTED_PROXIES: .*write "):
        GatewaySettings.from_env()


def test_a_use_is_noted_each_minute_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert GatewaySettings.from_env().key_usage_ms == 60_000
    monkeypatch.setenv("PROMETHIOS_GATEWAY_KEY_USAGE_SECONDS", "0.5")
    assert GatewaySettings.from_env().key_usage_ms == 500
