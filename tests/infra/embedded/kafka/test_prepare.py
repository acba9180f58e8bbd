"""Preparing does each thing once."""

from pathlib import Path

import pytest
from rich.progress import Progress

from infra.embedded.kafka import prepare as module
from infra.embedded.kafka.installation import Installation


def test_the_cache_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[Path] = []

    def train(installation: Installation) -> bool:
        trained.append(installation.folder)
        installation.aot_cache.touch()
        return True

    monkeypatch.setattr(module, "ensure", lambda *_: Installation(tmp_path))
    monkeypatch.setattr(module, "train", train)
    for _ in range(2):
        assert module.prepare(Progress(disable=True)).folder == tmp_path
    assert trained == [tmp_path]
