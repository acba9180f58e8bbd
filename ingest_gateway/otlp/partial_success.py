"""Which records of a request were refused, and why; pure."""

from typing import NamedTuple

from schemas.errors import InvalidMessageError

_MOST_REASONS = 5


class PartialSuccess(NamedTuple):
    """What OTLP's `partial_success` says; `rejected` 0 with a message is a warning."""

    rejected: int
    message: str


class Refusals:
    """Counts the records that were refused, and keeps the first reasons."""

    __slots__ = ("_noun", "_reasons", "_warning", "count")

    def __init__(self, noun: str) -> None:
        """`noun` is what the records are called, in the plural."""
        self._noun = noun
        self._reasons: list[str] = []
        self._warning = ""
        self.count = 0

    def add(self, index: int, error: InvalidMessageError, records: int = 1) -> None:
        """Refuse the record `index` of the request, from 0, or as many as `records` from it on."""
        self.count += records
        if len(self._reasons) < _MOST_REASONS:
            where = f"{index}" if records == 1 else f"{index} to {index + records - 1}"
            self._reasons.append(f"{where}: {error}")

    def warn(self, text: str) -> None:
        """Say something about a request of which nothing need have been refused."""
        self._warning = text

    def partial_success(self) -> PartialSuccess | None:
        """What the sender has to be told, if anything."""
        sentences = [self._warning] if self._warning else []
        if self.count:
            more = "; ..." if self.count > _MOST_REASONS else ""
            sentences.insert(0, f"refused {self.count} {self._noun}: {'; '.join(self._reasons)}{more}")
        return PartialSuccess(self.count, ". ".join(sentences)) if sentences else None
