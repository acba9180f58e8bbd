"""Answers that hold a secret, which nobody on the way may keep."""

from fastapi import Response

CACHE_CONTROL = "no-store"


def forbid_storing(response: Response) -> None:
    """Let no cache keep the answer (RFC 9111, 5.2.2.5)."""
    response.headers["cache-control"] = CACHE_CONTROL
