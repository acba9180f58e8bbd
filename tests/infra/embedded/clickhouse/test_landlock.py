"""Landlock, in a process of its own each: what was allowed, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.embedded.clickhouse import landlock

pytestmark = pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")

_BEFORE = """
import pathlib, socket, sys
from infra.embedded.clickhouse import landlock
writable, readable = map(pathlib.Path, sys.argv[1:])
opened = open("/etc/passwd")
landlock.restrict([writable], [readable])
"""


def said(tmp_path: Path, attempt: str) -> str:
    for name in ("writable", "readable"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE + attempt, str(tmp_path / "writable"), str(tmp_path / "readable")],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        ("print((writable / 'file').read_text())", "text"),
        ("(writable / 'new').write_text('x'); (writable / 'new').rename(writable / 'n2'); print('ok')", "ok"),
        ("print((readable / 'file').read_text(), len(list(readable.iterdir())))", "text 1"),
        ("(readable / 'file').write_text('x')", "PermissionError"),
        ("(readable / 'new').mkdir()", "PermissionError"),
        ("open('/etc/passwd')", "PermissionError"),
        ("list(pathlib.Path('/etc').iterdir())", "PermissionError"),
        ("open(writable / '../readable/../../x', 'w')", "PermissionError"),
        ("pathlib.Path('/tmp/promethios-landlock').write_text('x')", "PermissionError"),
        ("(writable / 'link').symlink_to('/etc/passwd'); (writable / 'link').read_text()", "PermissionError"),
        ("print(len(opened.read()) > 0)", "True"),
    ],
)
def test_files(tmp_path: Path, attempt: str, outcome: str) -> None:
    assert said(tmp_path, attempt).startswith(outcome)


@pytest.mark.skipif(landlock.version() < landlock.NETWORK_SINCE, reason="this kernel's is older")
@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', 9), timeout=2)",
        "socket.socket().bind(('127.0.0.1', 0))",
    ],
)
def test_tcp_is_refused(tmp_path: Path, attempt: str) -> None:
    assert said(tmp_path, attempt).startswith("PermissionError")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        landlock.restrict([tmp_path / "missing"], [])
