"""What `up` refuses before it starts anything."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.supervisor.data_folder import FORMAT, DataFolder


@pytest.fixture(autouse=True)
def nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.cli.up.launch", lambda *_: pytest.fail("launched"))
    monkeypatch.setattr("infra.cli.up.prepare.prepare", lambda *_: pytest.fail("downloaded"))
    for name in ("PROMETHIOS_KAFKA_URL", "PROMETHIOS_CLICKHOUSE_URL"):
        monkeypatch.delenv(name, raising=False)


def refused(*options: str) -> str:
    ended = CliRunner().invoke(app, ["up", *options])
    assert ended.exit_code == 1, ended.output
    assert "Traceback" not in ended.output
    assert ended.output.startswith("Error: ")
    return ended.output


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused("--data-dir", str(tmp_path), "--port-offset", str(port - 8080))
    assert f"Port {port} (gateway) is taken" in said
    assert "--port-offset" in said


def test_a_newer_format(tmp_path: Path) -> None:
    (tmp_path / "format").write_text(f"{FORMAT + 1}\n")
    assert "install a newer Promethios" in refused("--data-dir", str(tmp_path))


def test_a_folder_that_is_not_writable() -> None:
    assert "not writable" in refused("--data-dir", "/proc/promethios")


def test_a_folder_in_use(tmp_path: Path) -> None:
    folder = DataFolder.at(tmp_path)
    folder.prepare()
    with folder.lock():
        assert "in use by another stack" in refused("--data-dir", str(tmp_path))


def test_a_host_that_is_not_ours(tmp_path: Path) -> None:
    assert "no address of this machine" in refused("--data-dir", str(tmp_path), "--host", "192.0.2.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROMETHIOS_KAFKA_URL", "localhost:9092"),
        ("PROMETHIOS_KAFKA_URL", "kafka://localhost:9092"),
        ("PROMETHIOS_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_bad_setting_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("infra.cli.up.ports.check_free", lambda *_: None)
    assert name in refused("--data-dir", str(tmp_path))
