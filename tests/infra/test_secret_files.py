"""Secrets are whole, random, kept, and their owner's alone."""

import os
import stat
from pathlib import Path

import pytest

from infra.secret_files import make_secret, write_atomically, write_private


@pytest.fixture(autouse=True)
def nothing_is_masked() -> None:
    os.umask(0)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_reads_a_private_file(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "text")
    assert (tmp_path / "file").read_text() == "text"
    assert mode(tmp_path / "file") == 0o600


def test_a_leftover_that_others_read_is_not_written_into(tmp_path: Path) -> None:
    leftover = tmp_path / f"file.{os.getpid()}.tmp"
    leftover.touch(mode=0o666)
    with leftover.open() as others:
        write_private(tmp_path / "file", "secret")
        assert others.read() == ""
    assert mode(tmp_path / "file") == 0o600


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", "long text", mode=0o644)
    write_atomically(tmp_path / "file", "text", mode=0o644)
    assert (tmp_path / "file").read_text() == "text"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_secret_is_made_once_and_differs_from_others(tmp_path: Path) -> None:
    make_secret(tmp_path / "one")
    make_secret(tmp_path / "other")
    one = (tmp_path / "one").read_text()
    make_secret(tmp_path / "one")
    assert (tmp_path / "one").read_text() == one != (tmp_path / "other").read_text()
    assert len(one.strip()) == 43
