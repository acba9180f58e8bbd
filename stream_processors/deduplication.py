"""Which batches of an agent are repeats: a function of the log alone, shared by writer and processors."""

from schemas.block import Segment

REMEMBERED_BATCHES = 16


def absorb_batch(recent: list[bytes], segment: Segment) -> bool:
    """Note a segment in the order of the log, and say whether its rows count.

    `recent` are the ids of the agent's last keyed batches, oldest first, changed in place and at most
    REMEMBERED_BATCHES long. False means: the same keyed batch is among them, so this one is a repeat. A
    repeat does not renew its place, or else a client that repeats for ever would push nothing out.
    """
    if not segment.keyed:
        return True
    if segment.batch_id in recent:
        return False
    recent.append(segment.batch_id)
    if len(recent) > REMEMBERED_BATCHES:
        del recent[0]
    return True
