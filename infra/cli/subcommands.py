"""The subcommands of `promethios`, each imported when it is called, for what all import takes a second."""

from collections import UserDict
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

# As the help lists them. Each is a module with `register(app)`, which adds its subcommand or its group of
# them under this name.
NAMES = (
    "up",
    "down",
    "status",
    "logs",
    "replay",
    "demo",
    "topics",
    "migrate",
    "agents",
    "keys",
    "operators",
    "dlq",
    "audit",
    "privacy",
)


class Subcommands(UserDict[str, Any]):
    """The commands by their names, which are known before a module is imported."""

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - the type of a command is private to typer
        if name not in NAMES:
            raise KeyError(name)
        if name not in self.data:
            app = typer.Typer()
            import_module(f"infra.cli.{name}").register(app)
            self.data[name] = get_group(app).commands[name]
        return self.data[name]


class SubcommandsGroup(TyperGroup):
    """The group of them."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - handed through to typer
        super().__init__(**settings)
        self.commands = Subcommands()

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - as above
        """Their names; completion then imports those only that begin as what was typed."""
        return list(self.commands)
