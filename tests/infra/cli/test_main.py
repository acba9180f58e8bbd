"""The command: its subcommands, and one sentence in place of a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from infra.cli import main
from infra.cli.main import PromethiosGroup, app
from infra.errors import StackError


def test_every_subcommand_is_registered_and_takes_a_data_dir() -> None:
    runner = CliRunner()
    for name in ("up", "down", "status", "logs", "topics", "migrate"):
        shown = runner.invoke(app, [name, "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0
        assert "--data-dir" in shown.output


def test_our_errors_end_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    broken = typer.Typer(cls=PromethiosGroup)

    @broken.command()
    def fail() -> None:
        raise StackError("Port 8080 [gateway] is taken.")

    @broken.command()
    def other() -> None:
        pass

    with pytest.raises(SystemExit) as ended:
        broken(["fail"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Error: Port 8080 [gateway] is taken.\n"


def test_an_old_python_is_told_so(tmp_path: Path) -> None:
    program = "import sys; sys.version_info = (3, 9, 0, 'final', 0); import infra.cli"
    environment = {**os.environ, "PYTHONPATH": str(Path(main.__file__).parents[2])}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        "Promethios needs Python 3.11 or newer, and this is 3.9: run it with a newer one.\n"
    )
