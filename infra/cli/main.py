"""The `promethios` command: registers the subcommands and turns our errors into one sentence."""

import logging
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from infra.cli.subcommands import SubcommandsGroup
from infra.errors import StackError
from runtime.settings import SettingsError


class PromethiosGroup(TyperGroup):
    """Ends with exit code 1 and a sentence, where the error is one that the person can mend."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the type of the context is private to typer
        """Run the subcommand; other errors keep their traceback, because they are ours to mend."""
        try:
            return super().invoke(ctx)
        except (StackError, SettingsError) as error:
            Console(stderr=True, soft_wrap=True).print(
                f"Error: {error}", style="red", markup=False, highlight=False
            )
            raise typer.Exit(1) from error


class Promethios(PromethiosGroup, SubcommandsGroup):
    """The command itself."""


app = typer.Typer(
    name="promethios",
    cls=Promethios,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
# What libraries log while services are still starting is no news for a terminal.
logging.getLogger().addHandler(logging.NullHandler())


@app.callback()
def promethios() -> None:
    """Telemetry, trust and governance for fleets of AI agents."""


if __name__ == "__main__":
    app()
