"""The header that says where control records went, so that a client can wait until others have read them."""

from collections.abc import Mapping

from fastapi import Response

HEADER = "X-Promethios-Control-Offsets"


def format_offsets(offsets: Mapping[str, int]) -> str:
    """`topic=offset` joined by commas: an RFC 9651 dictionary, for topics are valid keys of one."""
    return ", ".join(f"{topic}={offset}" for topic, offset in offsets.items())


def announce_offsets(response: Response, offsets: Mapping[str, int]) -> None:
    """Put the header on an answer; nothing when nothing was written."""
    if offsets:
        response.headers[HEADER] = format_offsets(offsets)
