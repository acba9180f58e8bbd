"""Services that outlived their supervisor are found, and ended; what merely stands by is left alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import DATA_DIR_VARIABLE
from infra.supervisor.leftovers import end, find

SLEEP = "print(flush=True); import time; time.sleep(60)"
TITLED = "import setproctitle; setproctitle.setproctitle('promethios: writer' + 'x' * 500);" + SLEEP


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder.at(tmp_path)
    folder.run.mkdir()
    return folder


@contextmanager
def process(program: str, folder: Path, **environment: str) -> Iterator[int]:
    """A process that works in `folder`, once it has done what comes before its sleep."""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout is not None
        started.stdout.readline()
        yield started.pid
        started.kill()


def test_a_service_is_found_by_its_title(folder: DataFolder) -> None:
    with process(TITLED, folder.run, **{DATA_DIR_VARIABLE: str(folder.root)}) as pid:
        assert [found.pid for found in find(folder)] == [pid]


def test_a_service_without_a_title_yet_is_found_by_its_environment(folder: DataFolder) -> None:
    with process(SLEEP, folder.run, **{DATA_DIR_VARIABLE: str(folder.root)}) as pid:
        assert [found.pid for found in find(folder)] == [pid]


def test_what_is_found_is_ended(folder: DataFolder) -> None:
    with process(TITLED, folder.run):
        end(find(folder))
        assert find(folder) == []


def test_a_shell_in_the_folder_is_left_alone(folder: DataFolder) -> None:
    with process(SLEEP, folder.run):
        assert find(folder) == []


def test_services_of_other_stacks_are_left_alone(folder: DataFolder, tmp_path: Path) -> None:
    with process(TITLED, folder.run):
        assert find(DataFolder.at(tmp_path / "other")) == []
