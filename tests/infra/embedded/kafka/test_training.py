"""The class cache appears whole or not at all, and a failure to make it is no failure to start."""

import subprocess
from pathlib import Path

import pytest

from infra.embedded.kafka import training
from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.storage import StorageError


def test_a_cache_that_is_there_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = Installation(tmp_path)
    installation.aot_cache.write_text("cache")
    monkeypatch.setattr(training, "_live_once", lambda *_: pytest.fail("trained again"))
    assert training.train(installation)


@pytest.mark.parametrize("error", [TimeoutError(), StorageError("x"), subprocess.TimeoutExpired("java", 1)])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    installation = Installation(tmp_path)

    def fail(_installation: Installation, _folder: Path, output: Path) -> None:
        output.write_text("half")
        raise error

    monkeypatch.setattr(training, "_live_once", fail)
    assert not training.train(installation)
    assert list(tmp_path.iterdir()) == []


def test_the_finished_cache_is_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = Installation(tmp_path)
    monkeypatch.setattr(training, "_live_once", lambda _i, _f, output: output.write_text("whole"))
    assert training.train(installation)
    assert [path.name for path in tmp_path.iterdir()] == [installation.aot_cache.name]
