"""Names and values as ClickHouse SQL literals, and the SET statement made of them; pure."""

import re
from collections.abc import Mapping

from infra.embedded.clickhouse.errors import BAD_ARGUMENTS, ClickHouseError

_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def quote_string(value: str) -> str:
    """A string literal that reads back as `value`, whatever it holds."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0")
    return f"'{escaped}'"


def quote_name(name: str) -> str:
    """A quoted identifier that names exactly `name`."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`").replace("\0", "\\0")
    return f"`{escaped}`"


def set_statement(settings: Mapping[str, str]) -> str:
    """`SET a = '1', b = 'x'`; the engine turns the text into the setting's type.

    Raises:
        ClickHouseError: a name that no setting can have.
    """
    for name in settings:
        if not _SETTING_NAME.fullmatch(name):
            raise ClickHouseError.of(
                BAD_ARGUMENTS, f"{name!r} is neither an argument nor the name of a setting"
            )
    return "SET " + ", ".join(f"{name} = {quote_string(value)}" for name, value in settings.items())
