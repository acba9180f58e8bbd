"""The collector is built once, and its absence of tools is said plainly."""

from pathlib import Path

import pytest

from benchmarks.gateway import collector
from runtime.settings import parse_kafka_url


def test_a_binary_of_this_configuration_is_not_built_again(tmp_path: Path) -> None:
    binary = tmp_path / "dist" / "otelcol"
    binary.parent.mkdir()
    binary.touch()
    manifest = Path(collector.__file__).with_name("otelcol") / "builder.yaml"
    (tmp_path / "built-from.yaml").write_bytes(manifest.read_bytes())
    assert collector.build(tmp_path) == binary


def test_without_go_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="install it"):
        collector.build(tmp_path / "cache")


def test_its_configuration_takes_all_from_the_environment(tmp_path: Path) -> None:
    kafka = parse_kafka_url("kafka+sasl_plaintext://user:password@127.0.0.1:19092")
    program = collector.program(tmp_path / "otelcol", 18080, kafka, "topic")
    text = Path(program.command[-1]).read_text()
    for name in program.environment:
        assert f"${{env:{name}}}" in text
    assert not any("password" in word for word in program.command)


def test_a_broker_without_passwords_is_not_what_it_is_configured_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="asks for a password"):
        collector.program(tmp_path, 18080, parse_kafka_url("kafka://127.0.0.1:19092"), "topic")
