"""`promethios demo`: its options."""

import re

import pytest
from typer.testing import CliRunner

from infra.cli.main import app


@pytest.mark.parametrize(
    "wrong", [("--agents", "0"), ("--agents", "101"), ("--seconds", "4"), ("--seed", "x")]
)
def test_a_wrong_option_is_refused_before_anything_starts(wrong: tuple[str, str]) -> None:
    shown = CliRunner().invoke(app, ["demo", *wrong])
    assert shown.exit_code == 2
    assert wrong[0] in re.sub(r"\x1b\[[0-9;]*m", "", shown.output)
