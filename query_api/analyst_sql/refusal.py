"""How analysts' SQL is refused."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a query is not run."""

    UNREADABLE = "unreadable"  # it is no SQL, or not one statement
    FORBIDDEN = "forbidden"  # it names or does what analysts may not
    TOO_LARGE = "too large"  # it is too long, or nested too deeply


class RefusedSqlError(Exception):
    """The query may not be run; the text is for its author."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def unreadable(detail: str) -> RefusedSqlError:
    """The query cannot be read."""
    return RefusedSqlError(Reason.UNREADABLE, detail)


def forbidden(detail: str) -> RefusedSqlError:
    """The query does what is not known to be safe."""
    return RefusedSqlError(Reason.FORBIDDEN, detail)


def too_large(detail: str) -> RefusedSqlError:
    """The query is larger than analysts' queries are."""
    return RefusedSqlError(Reason.TOO_LARGE, detail)
