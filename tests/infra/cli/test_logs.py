"""Logs: the last lines, and what is appended, across rotation."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.logs import Follower, select, tail
from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder

NAMES = ["kafka", "gateway-0", "gateway-1"]


@given(st.lists(st.text("abc", max_size=3), max_size=9), st.integers(0, 12))
def test_the_tail_is_the_end(tmp_path_factory: pytest.TempPathFactory, lines: list[str], count: int) -> None:
    path = tmp_path_factory.mktemp("logs") / "x.log"
    path.write_text("".join(line + "\n" for line in lines))
    assert tail(path, count) == (lines[-count:] if count else [])


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert tail(tmp_path / "none.log", 10) == []


@pytest.mark.parametrize(
    ("service", "chosen"),
    [
        (None, NAMES),
        ("kafka", ["kafka"]),
        ("gateway", ["gateway-0", "gateway-1"]),
        ("gateway-1", ["gateway-1"]),
    ],
)
def test_services_are_selected_by_name_or_role(
    tmp_path: Path, service: str | None, chosen: list[str]
) -> None:
    assert list(select(DataFolder.at(tmp_path), NAMES, service)) == chosen


def test_an_unknown_service_is_refused_with_the_choice(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"no service 'nope': choose one of gateway-0, gateway-1, kafka"):
        select(DataFolder.at(tmp_path), NAMES, "nope")


def test_whole_lines_are_followed_across_rotation(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("old\n")
    follower = Follower(path)
    with path.open("a") as log:
        log.write("one\ntw")
    assert follower.read() == ["one"]
    with path.open("a") as log:
        log.write("o\nlast before\n")
    path.rename(tmp_path / "x.log.1")
    path.write_text("first after\n")
    assert follower.read() == ["two", "last before", "first after"]
    assert follower.read() == []
    follower.close()


def test_a_log_that_appears_later_is_followed(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "x.log")
    assert follower.read() == []
    (tmp_path / "x.log").write_text("one\n")
    assert follower.read() == ["one"]
    follower.close()
