"""What a client's connection may take, and the errors that are answered before any route is asked."""

from dataclasses import dataclass

from runtime.problems import ErrorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Sizes in bytes, times in seconds; None for a time without a limit.

    `idle_seconds` runs while there is no request, `head_seconds` from a request's first byte, `body_seconds`
    from the end of its head, `write_seconds` while the client takes nothing of what is written.
    """

    max_connections: int = 20_000
    max_head_bytes: int = 16 * 1024
    max_headers: int = 100
    max_url_bytes: int = 8 * 1024
    idle_seconds: float = 75.0
    head_seconds: float = 10.0
    body_seconds: float | None = 30.0
    write_seconds: float | None = 30.0


def _refusal(status: int, tag: str, title: str, retry_after: int | None = None) -> ErrorKind:
    """Whoever connects is wrong: counted, and logged only for debugging, lest a bad client fill the disk."""
    return ErrorKind(status, tag, title, log_level="debug", retry_after=retry_after)


BAD_REQUEST = _refusal(400, "bad-request", "The request is not valid HTTP")
SLOW_HEAD = _refusal(408, "slow-head", "The headers took too long to arrive")
SLOW_BODY = _refusal(408, "slow-body", "The body took too long to arrive")
URL_TOO_LONG = _refusal(414, "url-too-long", "The URL is too long")
HEAD_TOO_LARGE = _refusal(431, "head-too-large", "The headers are too many or too large")
TOO_MANY_CONNECTIONS = _refusal(503, "too-many-connections", "Too many connections are open", retry_after=1)

CONNECTION_ERRORS = (BAD_REQUEST, SLOW_HEAD, SLOW_BODY, URL_TOO_LONG, HEAD_TOO_LARGE, TOO_MANY_CONNECTIONS)
