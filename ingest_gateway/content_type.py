"""What a report's Content-Type says of its body."""

from collections.abc import Mapping

from ingest_gateway.errors import WRONG_TYPE
from runtime.problems import ProblemError

_JSON = b"application/json"
_NDJSON = frozenset({b"application/x-ndjson", b"application/ndjson", b"application/jsonl"})


def announces_lines(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the body is said to be NDJSON rather than JSON.

    Raises:
        ProblemError: it is said to be something else.
    """
    content_type = headers.get(b"content-type", b"")
    if content_type == _JSON:
        return False
    media_type, _, parameters = content_type.lower().partition(b";")
    parameters = parameters.replace(b" ", b"").replace(b'"', b"")
    if parameters in {b"", b"charset=utf-8"}:
        if media_type.strip() == _JSON:
            return False
        if media_type.strip() in _NDJSON:
            return True
    raise ProblemError(WRONG_TYPE, "send Content-Type: application/json or application/x-ndjson, in UTF-8")
