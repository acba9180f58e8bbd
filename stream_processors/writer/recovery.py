"""Where a partition's new owner begins: commit, checkpoint and log must fit together; pure."""

from stream_processors.state.bounds import LogBounds, StateMismatchError, replay_start
from stream_processors.state.snapshot import NOTHING_ABSORBED


def first_offset(bounds: LogBounds, committed: int | None) -> int:
    """The offset to read from in a partition without checkpoints: the committed one, else the log's start.

    Raises:
        StateMismatchError: the log no longer has what follows the committed offset, or never had.
    """
    if committed is None:
        return bounds.start
    if committed < bounds.start:
        raise StateMismatchError(
            f"the writer has stored up to offset {committed}, but {bounds} has lost what followed to its"
            f" retention. Raise the retention; to go on without those events, reset the group's offsets."
        )
    if committed > bounds.end:
        raise StateMismatchError(
            f"the committed offset is {committed}, but {bounds} ends before it: the topic was recreated or"
            f" truncated. Restore the topic, or reset the group's offsets."
        )
    return committed


def replay_offset(bounds: LogBounds, committed: int | None, fence: int) -> int:
    """The offset to replay from in a partition with checkpoints; at most the committed one.

    Raises:
        StateMismatchError: as `first_offset`, or the commit does not belong to the checkpoint at `fence`.
    """
    first_offset(bounds, committed)
    if fence != NOTHING_ABSORBED and committed is not None and committed <= fence:
        raise StateMismatchError(
            f"the committed offset of {bounds} is {committed}, but its checkpoint is of offset {fence}: the"
            f" group's offsets were set back. Repeats can no longer be told; reset the state topic as well."
        )
    if fence != NOTHING_ABSORBED and committed is None and fence != bounds.start - 1:
        raise StateMismatchError(
            f"there is no committed offset for {bounds}, but a checkpoint of offset {fence}: the group's"
            f" offsets were lost. Restore them, or delete the state topic and empty the tables."
        )
    return replay_start(bounds, fence, committed)
