"""Errors as RFC 9457 problem+json: the shape of a service's one error table, and of an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """A row of a service's error table.

    `tag` is stable, for clients, metrics and logs; `title` is public; `retry_after` is in seconds; `type_uri`
    names the problem's type where it is not one of our own.
    """

    status: int
    tag: str
    title: str
    log_level: str = "info"
    retry_after: int | None = None
    type_uri: str | None = None


@dataclass(slots=True)
class ProblemError(Exception):
    """An error that is answered as a problem; `detail` is public and says what to do.

    `members` extend the body; `extra_headers` come beside the kind's own, or in their place.
    """

    kind: ErrorKind
    detail: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    members: Mapping[str, Any] = field(default_factory=dict)
    extra_headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.tag}: {self.detail}"

    def body(self) -> bytes:
        """The JSON text of the answer."""
        problem: dict[str, Any] = {
            "type": self.kind.type_uri or f"urn:promethios:problem:{self.kind.tag}",
            "title": self.kind.title,
            "status": self.kind.status,
            "tag": self.kind.tag,
        }
        if self.detail:
            problem["detail"] = self.detail
        if self.errors:
            problem["errors"] = self.errors
        return orjson.dumps(problem | dict(self.members))

    def headers(self) -> dict[str, str]:
        """The answer's headers beside its length."""
        headers = {"content-type": MEDIA_TYPE}
        if self.kind.retry_after is not None:
            headers["retry-after"] = str(self.kind.retry_after)
        if self.kind.status == 401:
            headers["www-authenticate"] = "Bearer"
        return headers | dict(self.extra_headers)
