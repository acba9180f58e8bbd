"""What an agent has added to the alert rules over many agents: its part of all totals of counts.

Counted since a stretch of the partition's log began, as a stretch is the same for all, whatever their clocks
say, and what was counted in one that is over was reported before the next one began.
"""

import msgspec

from alert_engine.shares import Amounts

# Fewer than the ticks of the shortest time after which a silent agent may be forgotten.
STRETCH = 50_000


class Counts(msgspec.Struct, array_like=True):
    """What came in the stretch of that number, by the rules that it was added to (`membership_of`)."""

    stretch: int
    amounts: dict[str, Amounts] = msgspec.field(default_factory=dict)

    def is_over(self, offset: int) -> bool:
        """Whether the record at `offset` is in a later stretch."""
        return self.stretch < stretch_of(offset)


def stretch_of(offset: int) -> int:
    """The number of the stretch that a record is in."""
    return offset // STRETCH


def count(counts: Counts | None, membership: str, added: Amounts, offset: int) -> Counts:
    """Add what the record at `offset` brings; what came in a stretch before is let go."""
    stretch = stretch_of(offset)
    if counts is None or counts.stretch != stretch:
        counts = Counts(stretch)
    add_to(counts.amounts, membership, added)
    return counts


def add_to(sums: dict[str, Amounts], membership: str, added: Amounts) -> None:
    """Add amounts up under a membership."""
    known = sums.get(membership)
    if known is None:
        known = sums[membership] = Amounts()
    known.add(added)
