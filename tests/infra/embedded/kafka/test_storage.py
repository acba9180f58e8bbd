"""Storage is formatted once, whatever cut the first try off."""

import subprocess
from pathlib import Path

import pytest

from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.settings import BrokerSettings
from infra.embedded.kafka.storage import StorageError, ensure_formatted, is_formatted, new_cluster_id


@pytest.fixture
def settings(tmp_path: Path) -> BrokerSettings:
    return BrokerSettings(controller_port=40000, path=tmp_path / "kafka")


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
    failed = subprocess.CompletedProcess[str]([], 1, stdout="no space left", stderr="")
    monkeypatch.setattr("infra.embedded.kafka.storage.subprocess.run", lambda *_, **__: failed)
    with pytest.raises(StorageError, match="no space left"):
        ensure_formatted(installation, settings)
    assert not settings.log_dir.exists()


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
