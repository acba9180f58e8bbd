"""The stack file comes back as it was written; its absence and damage are said in one sentence."""

from pathlib import Path

import pytest

from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import read, read_if_any, write
from tests.infra.supervisor.stacks import stack_file


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.at(tmp_path)


def test_it_comes_back_as_it_was_written(folder: DataFolder) -> None:
    stack = stack_file(workers=3)
    write(folder, stack)
    assert read(folder) == stack
    assert stack.gateway_workers == 3
    assert [path.name for path in folder.root.iterdir()] == ["stack.json"]


def test_without_a_stack_the_error_says_how_to_start_one(folder: DataFolder) -> None:
    assert read_if_any(folder.stack_file) is None
    with pytest.raises(StackError, match=r"There is no stack in .*promethios up"):
        read(folder)


def test_a_damaged_file_is_named(folder: DataFolder) -> None:
    folder.stack_file.write_text('{"host": 1}')
    with pytest.raises(StackError, match=r"stack\.json is damaged"):
        read(folder)
