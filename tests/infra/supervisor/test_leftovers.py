"""Services that outlived their supervisor are found by their environment, and ended."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import DATA_DIR_VARIABLE
from infra.supervisor.leftovers import end, find


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, DATA_DIR_VARIABLE: str(tmp_path), "PROMETHIOS_SOCKET_DIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env=environment) as process:
        yield process
        process.kill()


def test_a_leftover_is_found_and_ended(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    found = find(DataFolder.at(tmp_path))
    assert [process.pid for process in found] == [sleeper.pid]
    end(found)
    sleeper.wait(5)
    assert find(DataFolder.at(tmp_path)) == []


@pytest.mark.usefixtures("sleeper")
def test_services_of_other_stacks_are_left_alone(tmp_path: Path) -> None:
    assert find(DataFolder.at(tmp_path / "other")) == []
