"""Storage is formatted once, whatever cut the first try off; the passwords are in it, and seen by nobody."""

import stat
import subprocess
from pathlib import Path

import pytest

from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.settings import BrokerSettings
from infra.embedded.kafka.storage import (
    StorageError,
    ensure_formatted,
    format_arguments,
    is_formatted,
    new_cluster_id,
)
from infra.kafka.passwords import ensure_passwords, read_passwords


@pytest.fixture
def settings(tmp_path: Path) -> BrokerSettings:
    ensure_passwords(tmp_path / "passwords")
    return BrokerSettings(
        controller_port=40000,
        internal_port=41000,
        passwords_dir=tmp_path / "passwords",
        path=tmp_path / "kafka",
    )


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_cluster_ids_have_kafkas_form() -> None:
    found = [new_cluster_id() for _ in range(500)]
    assert {len(text) for text in found} == {22}
    assert not any(text.startswith("-") for text in found)


def test_what_the_tool_says_is_in_the_error(
    installation: Installation, settings: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "UserScramCredentialRecord(storedKey=[1])\nno space left"
    failed = subprocess.CompletedProcess[str]([], 1, stdout=said, stderr="")
    monkeypatch.setattr("infra.embedded.kafka.storage.subprocess.run", lambda *_, **__: failed)
    with pytest.raises(StorageError, match="no space left") as refusal:
        ensure_formatted(installation, settings)
    assert "storedKey" not in str(refusal.value)
    assert not settings.log_dir.exists()
    assert [path.name for path in settings.path.iterdir()] == ["data.formatting"]


def test_every_user_is_in_the_storage_from_the_first() -> None:
    wanted = format_arguments(Path("/p"), {"promethios-admin": "abc", "promethios-writer": "def"})
    assert wanted[-4:] == [
        "--add-scram",
        "SCRAM-SHA-512=[name=promethios-admin,password=abc]",
        "--add-scram",
        "SCRAM-SHA-512=[name=promethios-writer,password=def]",
    ]


def test_no_password_stands_on_a_command_line_or_where_others_read(
    installation: Installation, settings: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = read_passwords(settings.passwords_dir)

    def look(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        file = Path(command[-1].removeprefix("@"))
        assert all(password in file.read_text() for password in passwords.values())
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert not any(password in " ".join(command) for password in passwords.values())
        return subprocess.CompletedProcess([], 0, stdout="", stderr="")

    monkeypatch.setattr("infra.embedded.kafka.storage.subprocess.run", look)
    ensure_formatted(installation, settings)
    assert [path.name for path in settings.path.iterdir()] == ["data"]


def test_a_try_that_was_cut_off_is_begun_anew(
    installation: Installation, settings: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = settings.log_dir.with_name("data.formatting")
    half.mkdir(parents=True)
    (half / "half.checkpoint").touch()

    def format_it(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        assert list(half.iterdir()) == []
        (half / "meta.properties").write_text("cluster.id=x")
        return subprocess.CompletedProcess([], 0, stdout="", stderr="")

    monkeypatch.setattr("infra.embedded.kafka.storage.subprocess.run", format_it)
    ensure_formatted(installation, settings)
    assert is_formatted(settings.log_dir)
    assert not half.exists()


def test_formatted_storage_is_left_alone(
    installation: Installation, settings: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.log_dir.mkdir(parents=True)
    (settings.log_dir / "meta.properties").write_text("cluster.id=x")
    monkeypatch.setattr(
        "infra.embedded.kafka.storage.subprocess.run", lambda *_, **__: pytest.fail("formatted again")
    )
    ensure_formatted(installation, settings)
    assert (settings.log_dir / "meta.properties").read_text() == "cluster.id=x"
