"""Each limit is a setting with the limit's own default, and `docs/limits.md` lists them all."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ingest_gateway.limit_settings import LimitSettings
from ingest_gateway.limits import Limits
from ingest_gateway.settings import GatewaySettings
from runtime.connection_limits import ConnectionLimits
from runtime.settings import SettingsError

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
KAFKA = {"kafka_url": "kafka+sasl_ssl://u:p@localhost:9092"}


def test_defaults_are_the_limits_own() -> None:
    settings = GatewaySettings.model_validate(KAFKA)
    assert settings.limits == Limits()
    assert settings.connection_limits == ConnectionLimits()


def test_every_setting_is_a_limit_and_every_limit_a_setting() -> None:
    limits = {field.name for field in (*fields(Limits), *fields(ConnectionLimits))}
    assert {name.removeprefix("gateway_") for name in LimitSettings.model_fields} == limits


def test_each_setting_sets_its_limit() -> None:
    for name in LimitSettings.model_fields:
        settings = GatewaySettings.model_validate(KAFKA)
        changed = getattr(settings, name) / 2
        value = changed if name.endswith("_seconds") else int(changed)
        if name == "gateway_unacknowledged_bytes":
            value = 17 * 1024 * 1024
        settings = GatewaySettings.model_validate({**KAFKA, name: value})
        limit = name.removeprefix("gateway_")
        found = getattr(settings.limits, limit, None) or getattr(settings.connection_limits, limit, None)
        assert found == value, name


def test_a_bad_limit_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka+sasl_ssl://u:p@localhost:9092")
    monkeypatch.setenv("PROMETHIOS_GATEWAY_MAX_NESTING", "65")
    with pytest.raises(SettingsError, match="PROMETHIOS_GATEWAY_MAX_NESTING"):
        GatewaySettings.from_env()


def row(name: str) -> str:
    field = LimitSettings.model_fields[name]
    assert field.description, name
    default = f"{field.default:,}" if isinstance(field.default, int) else f"{field.default:g}"
    return f"| `PROMETHIOS_{name.upper()}` | {default} | {field.description} |"


def test_the_page_lists_them_with_their_defaults() -> None:
    rows = re.findall(r"^\| `PROMETHIOS_GATEWAY_.*$", PAGE.read_text(), re.MULTILINE)
    expected = [row(name) for name in LimitSettings.model_fields]
    assert rows == expected, "docs/limits.md has to have these rows:\n" + "\n".join(expected)
