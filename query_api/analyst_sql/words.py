"""Names, strings and numbers as they are written into the statement that is run."""

import re

from sqlglot import exp

from query_api.analyst_sql.refusal import forbidden, unreadable

# Names that begin so are ours: no query of an analyst can reach or shadow them.
RESERVED = "__"
TENANT_COLUMN = "tenant_id"

_MAX_NAME = 128
_NUMBER = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]{1,64}", re.ASCII)
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def name(identifier: exp.Expr | str | None) -> str:
    """A name in backticks.

    Raises:
        RefusedSqlError: it has signs that no name of ours has, or is one of our own.
    """
    return f"`{plain_name(identifier)}`"


def plain_name(identifier: exp.Expr | str | None) -> str:
    """A name that needs no escapes between backticks.

    Raises:
        RefusedSqlError: as `name`.
    """
    if isinstance(identifier, exp.Identifier):
        identifier = identifier.this
    if not isinstance(identifier, str) or not identifier:
        raise unreadable("A name is missing where there must be one.")
    if len(identifier) > _MAX_NAME or "`" in identifier or "\\" in identifier or not identifier.isprintable():
        raise forbidden(f"A name may have {_MAX_NAME} printable characters without ` and \\.")
    if identifier.startswith(RESERVED):
        raise forbidden(f"Names that begin with {RESERVED} are reserved: {identifier}.")
    return identifier


def new_name(identifier: exp.Expr | str | None) -> str:
    """A name that the query gives to something: it may not hide the tenant's column.

    Raises:
        RefusedSqlError: as `name`, and for the tenant's column.
    """
    given = plain_name(identifier)
    if given.lower() == TENANT_COLUMN:
        raise forbidden(f"Nothing may be named {TENANT_COLUMN}: choose another name.")
    return f"`{given}`"


def string(text: str) -> str:
    """A string in quotes, whatever is in it."""
    return "'" + "".join(_ESCAPES.get(sign) or _visible(sign) for sign in text) + "'"


def number(literal: str) -> str:
    """A number as it was written.

    Raises:
        RefusedSqlError: it is no number.
    """
    if not _NUMBER.fullmatch(literal):
        raise unreadable(f"{literal[:40]} is no number.")
    return literal


def hex_number(digits: str) -> str:
    """A number in hexadecimal digits.

    Raises:
        RefusedSqlError: these are none.
    """
    if not _HEX.fullmatch(digits):
        raise unreadable("0x must be followed by hexadecimal digits.")
    return f"0x{digits}"


def _visible(sign: str) -> str:
    if sign.isprintable():
        return sign
    try:
        return "".join(f"\\x{byte:02X}" for byte in sign.encode())
    except UnicodeEncodeError:
        raise unreadable("The query is not valid Unicode.") from None
