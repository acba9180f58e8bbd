"""What comes of comparing a partition with a replay: the processors' code makes it, `promethios` shows it."""

from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """What a comparison came to, best first.

    `part` found no difference, but the log's start is gone, so only a part could be compared; `refused` could
    not be compared at all.
    """

    EQUAL = "equal"
    PART = "part"
    DIFFERENT = "different"
    REFUSED = "refused"


class DifferenceKind(StrEnum):
    """How a checkpoint or the derived topics differ from a replay.

    A state is another, or there is one too many or too few. An event that follows from the log was never
    published (`missing`), or with other content (`altered`); one was published that does not follow
    (`unexpected`); copies with one id say different things (`contradicted`).
    """

    STATE = "state"
    MISSING = "missing"
    ALTERED = "altered"
    UNEXPECTED = "unexpected"
    CONTRADICTED = "contradicted"


class Difference(msgspec.Struct, frozen=True):
    """One difference: `agent` is `tenant/agent`, a tenant, or the key of something else that the rules keep.

    `event` is the derived event's id, empty for a state.
    """

    agent: str
    kind: DifferenceKind
    event: str = ""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """A partition compared.

    `start` is the first offset that the log still has, `fence` the last that the checkpoint has absorbed, -1:
    there is none. `states` and `events` are how many were compared, `repeated` the copies beside the first of
    an event, `uncertain` the states that differ but may have begun before `start`. `differences` counts
    them by kind, `first` names the first of them. `refused` says why nothing could be compared.
    """

    partition: int
    start: int = 0
    fence: int = -1
    states: int = 0
    events: int = 0
    repeated: int = 0
    uncertain: int = 0
    differences: dict[DifferenceKind, int] = {}
    first: list[Difference] = []
    refused: str = ""

    @property
    def outcome(self) -> Outcome:
        """What it came to."""
        if self.refused:
            return Outcome.REFUSED
        if self.differences:
            return Outcome.DIFFERENT
        return Outcome.PART if self.start else Outcome.EQUAL
