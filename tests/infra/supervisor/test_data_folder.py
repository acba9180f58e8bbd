"""The data folder: made once, secrets kept, refused with one sentence when it cannot be used."""

import os
import stat
from pathlib import Path

import pytest

from infra.errors import StackError
from infra.kafka.principals import USERS
from infra.supervisor.data_folder import FORMAT, DataFolder

# A path that leaves no room for a socket's name.
DEEP = "deep" * 30


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.at(tmp_path / "data")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_is_made_and_secrets_are_private(folder: DataFolder) -> None:
    folder.prepare()
    passwords = sorted(folder.kafka_passwords.iterdir())
    for file in (
        folder.admin_token_file,
        folder.clickhouse_password_file,
        folder.link_secret_file,
        *passwords,
    ):
        assert mode(file) == 0o600
    assert {file.name for file in passwords} == set(USERS)
    assert mode(folder.kafka_passwords) == 0o700
    assert mode(folder.root) == mode(folder.run) == 0o700
    assert folder.format_file.read_text() == f"{FORMAT}\n"
    assert folder.admin_token_file.read_text() != folder.clickhouse_password_file.read_text()


def test_secrets_are_made_once(folder: DataFolder) -> None:
    folder.prepare()
    token, password = folder.admin_token_file.read_text(), folder.clickhouse_password_file.read_text()
    folder.prepare()
    assert (folder.admin_token_file.read_text(), folder.clickhouse_password_file.read_text()) == (
        token,
        password,
    )


def test_a_newer_format_is_refused(folder: DataFolder) -> None:
    folder.prepare()
    folder.format_file.write_text(f"{FORMAT + 1}\n")
    with pytest.raises(StackError, match=rf"has format {FORMAT + 1}.*install a newer Promethios"):
        folder.prepare()


def test_an_older_format_is_refused(folder: DataFolder) -> None:
    folder.prepare()
    folder.format_file.write_text(f"{FORMAT - 1}\n")
    with pytest.raises(StackError, match=rf"has format {FORMAT - 1}.*or remove this one"):
        folder.prepare()


def test_a_damaged_format_is_refused(folder: DataFolder) -> None:
    folder.prepare()
    folder.format_file.write_text("?")
    with pytest.raises(StackError, match="does not hold a number"):
        folder.prepare()


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StackError, match=r"not writable .* choose another with --data-dir"):
        DataFolder.at(tmp_path / "data").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(StackError, match="not writable"):
        DataFolder.at(tmp_path / "data").prepare()


def test_a_folder_on_which_the_system_refuses_writes_is_refused() -> None:
    with pytest.raises(StackError, match="not writable"):
        DataFolder.at(Path("/proc/promethios")).prepare()


@pytest.mark.parametrize("name", ['with"quote', "with\nbreak"])
def test_a_path_that_configuration_files_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StackError, match="quote or an unprintable character"):
        DataFolder.at(tmp_path / name).prepare()


def test_two_processes_cannot_have_one_folder(folder: DataFolder) -> None:
    folder.prepare()
    with folder.lock(), pytest.raises(StackError, match=r"in use by another stack.*promethios down"):
        folder.lock()
    with folder.lock():
        pass


def test_sockets_of_a_deep_folder_are_in_a_short_private_place(tmp_path: Path) -> None:
    shallow, deep = DataFolder.at(Path("/data")), DataFolder.at(tmp_path / DEEP)
    assert shallow.sockets == shallow.run
    assert len(str(deep.sockets / "supervisor.sock")) < 100
    assert deep.sockets != DataFolder.at(tmp_path / (DEEP + "er")).sockets
    deep.prepare()
    assert mode(deep.sockets) == 0o700
    deep.sockets.rmdir()


def test_a_place_for_sockets_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    deep = DataFolder.at(tmp_path / DEEP)
    deep.sockets.mkdir()
    deep.sockets.chmod(0o777)
    try:
        with pytest.raises(StackError, match="must belong to you alone"):
            deep.prepare()
    finally:
        deep.sockets.rmdir()
