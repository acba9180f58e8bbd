"""The trace that a request belongs to, as W3C Trace Context has clients say it (level 1, section 3.2)."""

import re

# A later version may add fields behind those of version 00, which itself has none.
_FORM = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_LENGTH = 55


def parse_traceparent(header: bytes | None) -> str:
    """The header in the form of version 00; empty without one, and when it is none, which is no error."""
    if header is None:
        return ""
    found = _FORM.fullmatch(header.strip())
    if found is None or (len(found[0]) > _LENGTH and found[1] == b"00"):
        return ""
    return f"00{found[0][2:_LENGTH].decode()}"
