"""ClickHouse's errors as the HTTP interface shows them: code, text, HTTP status."""

import re
from typing import Self

SYNTAX_ERROR = 62
NOT_IMPLEMENTED = 48
BAD_ARGUMENTS = 36
TIMEOUT_EXCEEDED = 159
TOO_MANY_SIMULTANEOUS_QUERIES = 202
SOCKET_TIMEOUT = 209
QUERY_IS_TOO_LARGE = 229
ABORTED = 236
CANNOT_DECOMPRESS = 271
INTO_OUTFILE_NOT_ALLOWED = 358
SESSION_NOT_FOUND = 372
SESSION_IS_LOCKED = 373
INVALID_SESSION_TIMEOUT = 374
READONLY = 164
NOT_ENOUGH_SPACE = 243
QUERY_WAS_CANCELLED = 394
ACCESS_DENIED = 497
AUTHENTICATION_FAILED = 516
UNKNOWN_EXCEPTION = 1002

_NAMES = {
    SYNTAX_ERROR: "SYNTAX_ERROR",
    NOT_IMPLEMENTED: "NOT_IMPLEMENTED",
    BAD_ARGUMENTS: "BAD_ARGUMENTS",
    TIMEOUT_EXCEEDED: "TIMEOUT_EXCEEDED",
    TOO_MANY_SIMULTANEOUS_QUERIES: "TOO_MANY_SIMULTANEOUS_QUERIES",
    SOCKET_TIMEOUT: "SOCKET_TIMEOUT",
    QUERY_IS_TOO_LARGE: "QUERY_IS_TOO_LARGE",
    ABORTED: "ABORTED",
    CANNOT_DECOMPRESS: "CANNOT_DECOMPRESS",
    INTO_OUTFILE_NOT_ALLOWED: "INTO_OUTFILE_NOT_ALLOWED",
    SESSION_NOT_FOUND: "SESSION_NOT_FOUND",
    SESSION_IS_LOCKED: "SESSION_IS_LOCKED",
    INVALID_SESSION_TIMEOUT: "INVALID_SESSION_TIMEOUT",
    READONLY: "READONLY",
    NOT_ENOUGH_SPACE: "NOT_ENOUGH_SPACE",
    QUERY_WAS_CANCELLED: "QUERY_WAS_CANCELLED",
    ACCESS_DENIED: "ACCESS_DENIED",
    AUTHENTICATION_FAILED: "AUTHENTICATION_FAILED",
    UNKNOWN_EXCEPTION: "UNKNOWN_EXCEPTION",
}

# As the server maps them (its exceptionCodeToHTTPStatus). The one exception: TOO_MANY_SIMULTANEOUS_QUERIES is
# 500 there; here the queue in front of the pool answers with it, and 503 tells clients to come again.
_BAD_REQUEST = (6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72)
_BAD_REQUEST_TOO = (117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676)
_NOT_FOUND = (46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511)
_FORBIDDEN = (192, 193, 497, 512, 516)
_UNAVAILABLE = (76, 202, 209, 439)
_STATUS = {
    **dict.fromkeys(_BAD_REQUEST + _BAD_REQUEST_TOO, 400),
    **dict.fromkeys(_NOT_FOUND, 404),
    **dict.fromkeys(_FORBIDDEN, 403),
    **dict.fromkeys(_UNAVAILABLE, 503),
    194: 401,
    159: 408,
    381: 411,
    229: 413,
    779: 415,
    48: 501,
}

# The binding repeats the beginning for each layer that an error went through.
_ENGINE_ERROR = re.compile(r"(?:(Code: \d+\. DB::Exception: )(?=\1))*+(Code: (\d+)\. DB::.*)", re.DOTALL)


class ClickHouseError(Exception):
    """An error that the client sees as ClickHouse's: `Code: N. DB::Exception: … (NAME)`."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    @classmethod
    def of(cls, code: int, message: str) -> Self:
        """An error of the front itself; `code` is one of this module's constants."""
        return cls(code, f"Code: {code}. DB::Exception: {message} ({_NAMES[code]})")

    @classmethod
    def from_engine(cls, error: BaseException) -> Self:
        """Keep the engine's own code and text, without what the Python binding puts in front of it."""
        found = _ENGINE_ERROR.search(str(error))
        if found is None:
            return cls.of(UNKNOWN_EXCEPTION, str(error) or type(error).__name__)
        return cls(int(found[3]), found[2].strip())

    @property
    def status(self) -> int:
        """The HTTP status of the code, 500 for those without a status of their own."""
        return _STATUS.get(self.code, 500)
