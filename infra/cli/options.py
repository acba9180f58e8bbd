"""Options that several subcommands share."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_DATA_DIR = Path(".promethios")

DataDir = Annotated[Path, typer.Option("--data-dir", help="Folder of the stack's data, secrets and logs.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Tenant = Annotated[str | None, typer.Option(help="The tenant; `default` if left out.")]
