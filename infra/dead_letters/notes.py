"""Which letters were sent again, as the notes of all runs tell; pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.replays import ReplayNote


class Begun(NamedTuple):
    """A note that a replay begins, where it stands and when it came (milliseconds)."""

    offset: int
    appended_at: int
    note: ReplayNote


@dataclass(slots=True)
class Notes:
    """The notes by the letters' identities, fed in the order of their one partition."""

    next_offset: int = 0
    _done: set[str] = field(default_factory=set)
    _begun: dict[str, list[Begun]] = field(default_factory=dict)

    def take(self, offset: int, appended_at: int, identity: str, note: ReplayNote) -> None:
        """Take the next note."""
        self.next_offset = offset + 1
        if note.done:
            self._done.add(identity)
            self._begun.pop(identity, None)
        else:
            self._begun.setdefault(identity, []).append(Begun(offset, appended_at, note))

    def is_done(self, identity: str) -> bool:
        """Whether the letter, or a copy of it, was sent again."""
        return identity in self._done

    def unfinished(self, identity: str) -> Begun | None:
        """The last replay that began and did not say that it was done."""
        begun = self._begun.get(identity)
        return begun[-1] if begun else None

    def is_first_since(self, offset: int, identity: str, run: str) -> bool:
        """Whether this run was the first to begin with the letter at or behind an offset.

        Of several that saw the same notes and began, only that one may go on.
        """
        later = [begun for begun in self._begun.get(identity, []) if begun.offset >= offset]
        return bool(later) and later[0].note.run == run
