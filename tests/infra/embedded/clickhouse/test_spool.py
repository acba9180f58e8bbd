"""A request's data as a file: whole, gone afterwards, and refused where the disk is full."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded.clickhouse import spool
from infra.embedded.clickhouse.errors import NOT_ENOUGH_SPACE, ClickHouseError
from infra.embedded.clickhouse.spool import spooled


@pytest.mark.parametrize("in_memory", [1000, 10], ids=["in memory", "on the disk"])
def test_the_file_is_all_pieces_and_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(spool, "_IN_MEMORY", in_memory)
    with spooled((b"abcd" for _ in range(10)), tmp_path) as (path, size):
        assert Path(path).read_bytes() == b"abcd" * 10
        assert size == 40
        assert list(tmp_path.iterdir()) == []
    assert not Path(path).exists()


def test_no_pieces_are_an_empty_file(tmp_path: Path) -> None:
    with spooled(iter(()), tmp_path) as (path, size):
        assert (Path(path).read_bytes(), size) == (b"", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_full_disk_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(spool, "_new_file", lambda *_: full)
        with pytest.raises(ClickHouseError, match="No space left") as refused, spooled([b"x"], Path()):
            raise AssertionError("it must not come so far")
    assert refused.value.code == NOT_ENOUGH_SPACE


def test_what_the_pieces_raise_is_raised(tmp_path: Path) -> None:
    def cut() -> Iterator[bytes]:
        yield b"x"
        raise EOFError

    with pytest.raises(EOFError), spooled(cut(), tmp_path):
        raise AssertionError("it must not come so far")
