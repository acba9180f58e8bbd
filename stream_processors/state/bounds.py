"""Whether stored state still fits the log that it was made from; pure."""

from dataclasses import dataclass

from stream_processors.state.snapshot import NOTHING_ABSORBED


class StateMismatchError(Exception):
    """State and log do not fit together, and going on would lose events; the text says what to do."""


@dataclass(frozen=True, slots=True)
class LogBounds:
    """An input partition as the broker has it: `start` is its first offset, `end` the one after its last."""

    topic: str
    partition: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}] (offsets {self.start} to {self.end - 1})"


def replay_start(bounds: LogBounds, fence: int, committed: int | None) -> int:
    """The offset at which a new owner reads on, for state absorbed up to `fence` (-1: no state).

    `committed` is the group's committed offset, or None. Where there is neither, everything is read from the
    log's start. The offset may equal `bounds.end`.

    Raises:
        StateMismatchError: the state or the commit lies beyond the log's end (the topic was recreated or
            truncated), or records that the state lacks are no longer in the log.
    """
    if fence >= bounds.end:
        raise StateMismatchError(
            f"the state has absorbed offset {fence}, but {bounds} ends before it: the topic was recreated or"
            f" truncated. Restore the topic, or delete the state topic and the group's offsets together."
        )
    if committed is not None and committed > bounds.end:
        raise StateMismatchError(
            f"the committed offset is {committed}, but {bounds} ends before it: the topic was recreated or"
            f" truncated. Restore the topic, or reset the group's offsets and the state topic together."
        )
    if fence == NOTHING_ABSORBED and committed is None:
        return bounds.start
    if fence + 1 < bounds.start:
        raise StateMismatchError(
            f"the state has absorbed only up to offset {fence}, but {bounds} has lost what followed to its"
            f" retention. Raise the retention; to go on without those events, delete the state topic and the"
            f" group's offsets together."
        )
    return fence + 1
