"""The subcommands: which there are, and that one is imported no sooner than it is asked for."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from infra.cli import subcommands
from infra.cli.main import app
from infra.cli.subcommands import NAMES, Subcommands


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is imported on demand."""
    names: list[str] = []

    def record(name: str) -> ModuleType:
        names.append(name)
        return import_module(name)

    monkeypatch.setattr(subcommands, "import_module", record)
    return names


def test_every_module_that_registers_a_subcommand_is_named() -> None:
    modules = Path(subcommands.__file__).parent.glob("*.py")
    assert {module.stem for module in modules if "\ndef register(app" in module.read_text()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_that_of_its_command(name: str) -> None:
    assert Subcommands()[name].name == name


def test_names_alone_import_nothing(imported: list[str]) -> None:
    commands = Subcommands()
    assert list(commands) == list(NAMES)
    assert len(commands) == len(NAMES)
    assert "status" in commands
    assert commands.get("stauts") is None
    assert imported == []


def test_a_subcommand_imports_its_own_module_once(imported: list[str]) -> None:
    assert CliRunner().invoke(app, ["status", "--help"]).exit_code == 0
    assert imported == ["infra.cli.status"]
    commands = Subcommands()
    assert commands["down"] is commands["down"]
    assert imported == ["infra.cli.status", "infra.cli.down"]


def test_a_misspelt_name_is_answered_with_those_like_it(imported: list[str]) -> None:
    answered = CliRunner().invoke(app, ["agent"])
    assert answered.exit_code == 2
    assert "Did you mean 'agents'?" in answered.output
    assert imported == []
