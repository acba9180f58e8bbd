"""A request's headers by name, where each that decides something came once."""

from collections.abc import Sequence

from ingest_gateway.errors import REPEATED_HEADER
from runtime.problems import ProblemError

# Which of two would count is a matter of taste, and what checks one may not be what uses the other.
_SINGLE = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"idempotency-key",
        b"x-agent-id",
        b"x-governance-id",
    }
)
_TRACEPARENT = b"traceparent"


def single_headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by lower-case name; of one that may be repeated, the last.

    Raises:
        ProblemError: a header that decides something is there twice.
    """
    headers = dict(raw)
    if len(headers) != len(raw):
        _settle_repeated(raw, headers)
    return headers


def _settle_repeated(raw: Sequence[tuple[bytes, bytes]], headers: dict[bytes, bytes]) -> None:
    seen = set()
    for name, _ in raw:
        if name in seen:
            if name in _SINGLE:
                raise ProblemError(REPEATED_HEADER, f"send {name.decode()} once")
            if name == _TRACEPARENT:
                # W3C Trace Context: a second one makes both count for nothing.
                headers.pop(name, None)
        seen.add(name)
