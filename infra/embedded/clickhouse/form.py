"""The fields of a multipart form, which is how clients send long queries and parameters; pure."""

import re

from infra.embedded.clickhouse.errors import BAD_ARGUMENTS, NOT_IMPLEMENTED, ClickHouseError

_BOUNDARY = re.compile(rb'multipart/form-data\s*;.*?boundary="?([^";\s]+)"?', re.IGNORECASE)
_NAME = re.compile(rb'(?:^|[;\s])name="([^"]*)"', re.IGNORECASE)
_FILE_NAME = re.compile(rb"(?:^|[;\s])filename\*?=", re.IGNORECASE)


def form_boundary(content_type: bytes) -> bytes | None:
    """The boundary that a Content-Type names, None if it is not that of a form."""
    found = _BOUNDARY.match(content_type)
    return found[1] if found else None


def parse_form(body: bytes, boundary: bytes) -> list[tuple[str, str]]:
    """Names and values, in order.

    Raises:
        ClickHouseError: the form is cut off, or has a file in it (a table of external data).
    """
    *parts, end = (b"\r\n" + body).split(b"\r\n--" + boundary)[1:] or [b""]
    if not end.startswith(b"--"):
        raise ClickHouseError.of(BAD_ARGUMENTS, "The form in the body has no end: send all of it")
    return [_field(part) for part in parts]


def _field(part: bytes) -> tuple[str, str]:
    head, _, value = part.partition(b"\r\n\r\n")
    if _FILE_NAME.search(head):
        raise ClickHouseError.of(
            NOT_IMPLEMENTED,
            "External data is not supported by the embedded ClickHouse: "
            "insert it into a temporary table of a session",
        )
    name = _NAME.search(head)
    if name is None:
        raise ClickHouseError.of(BAD_ARGUMENTS, "A field of the form in the body has no name")
    return name[1].decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
