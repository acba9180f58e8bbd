"""A folder counts by what it occupies; one that is not there yet takes nothing."""

import os
from pathlib import Path

import pytest

from runtime.kafka_disk import DiskLimits, KafkaDiskSettings, measure
from runtime.settings import ProcessSettings

MIB = 1024 * 1024


def test_blocks_count_at_any_depth_and_holes_do_not(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "log").write_bytes(os.urandom(MIB))
    with (tmp_path / "a" / "index").open("wb") as sparse:
        sparse.truncate(100 * MIB)
    found = measure(tmp_path)
    assert MIB <= found.used < 2 * MIB
    assert found.free > 0


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(os.urandom(MIB))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "loop").symlink_to(tmp_path)
    assert measure(tmp_path).used < 2 * MIB


def test_a_folder_that_is_not_there_takes_nothing_of_its_disk(tmp_path: Path) -> None:
    found = measure(tmp_path / "not" / "yet")
    assert found.used == 0
    assert found.free > 0


class Settings(KafkaDiskSettings, ProcessSettings):
    """As a process mixes them."""


def test_without_a_folder_nobody_minds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_KAFKA_URL", "kafka+sasl_ssl://u:p@h:1")
    monkeypatch.delenv("PROMETHIOS_KAFKA_LOG_DIR", raising=False)
    monkeypatch.setenv("PROMETHIOS_KAFKA_DISK_CAP_BYTES", str(30 * MIB))
    found = Settings.from_env()
    assert found.kafka_log_dir is None
    assert found.kafka_disk_limits == DiskLimits(cap_bytes=30 * MIB, min_free_bytes=512 * MIB)
