"""`down` of what does not run says so."""

from pathlib import Path

from typer.testing import CliRunner

from infra.cli.down import stop_supervisor
from infra.cli.main import app
from infra.supervisor.control import Supervisor
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import write
from tests.infra.supervisor.stacks import stack_file


def test_a_stack_that_was_never_started(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["down", "--data-dir", str(tmp_path)])
    assert ended.exit_code == 1
    assert "There is no stack" in ended.output


def test_a_stack_that_has_stopped(tmp_path: Path) -> None:
    write(DataFolder.at(tmp_path), stack_file(sockets=str(tmp_path)))
    ended = CliRunner().invoke(app, ["down", "--data-dir", str(tmp_path)])
    assert ended.exit_code == 1
    assert "is not running" in ended.output


def test_nobody_to_stop(tmp_path: Path) -> None:
    assert not stop_supervisor(Supervisor(tmp_path / "supervisor.sock"))
