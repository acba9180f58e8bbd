"""A stack that does not run is said to be so, with the way to start it."""

from pathlib import Path

import pytest

from infra.cli.running import running_stack
from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import write
from tests.infra.supervisor.stacks import stack_file


def test_no_stack_at_all(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"There is no stack in .*promethios up --data-dir"):
        running_stack(tmp_path)


def test_a_stack_that_was_stopped(tmp_path: Path) -> None:
    write(DataFolder.at(tmp_path), stack_file(sockets=str(tmp_path)))
    with pytest.raises(StackError, match=r"is not running: start it with `promethios up --data-dir"):
        running_stack(tmp_path)
