"""Storing one checkpoint: its outputs first, then its state; each step awaited before the next."""

from collections.abc import Callable, Iterator

import msgspec

from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.dead_letters import HEADER_SEGMENTS, Origin, Stage, dead_letter_headers
from schemas.topics import Topic
from stream_processors.checkpoint.owned import Checkpoint, is_failed_tick
from stream_processors.failpoints import Failpoint
from stream_processors.state.log import StateLog

# In this order: a crash at any of them repeats outputs at most, under the ids that they had.
BEFORE_OUTPUTS = "checkpoint.before_outputs"
AFTER_OUTPUTS = "checkpoint.after_outputs"
AFTER_STATE = "checkpoint.after_state"
AFTER_ACKNOWLEDGE = "checkpoint.after_acknowledge"


class CheckpointStore:
    """Where checkpoints go: the derived topics, the dead letters and the state log."""

    def __init__(
        self,
        producer: RestartingProducer,
        state_log: StateLog,
        failpoint: Failpoint,
        may_write: Callable[[], bool],
    ) -> None:
        """Use clients that somebody else stops; `may_write` says whether the group surely counts us in."""
        self._producer = producer
        self._state_log = state_log
        self._failpoint = failpoint
        self._may_write = may_write

    async def store(self, checkpoint: Checkpoint) -> int:
        """Store a checkpoint; on return all of it is acknowledged by the broker. The bytes of state in it.

        Raises:
            aiokafka.errors.KafkaError: something was not; storing the same checkpoint again is safe.
            UnsureOwnerError: the outputs took so long that the partition may be somebody else's; safe too.
        """
        self._failpoint.reach(BEFORE_OUTPUTS)
        await self._producer.send_in_batches(_events(checkpoint))
        # One by one, because a letter is as large as a block.
        await self._producer.send_all(_dead_letters(checkpoint))
        self._failpoint.reach(AFTER_OUTPUTS)
        written = 0
        if checkpoint.moved:
            written = await self._state_log.write(
                checkpoint.partition, checkpoint.fence, checkpoint.entries, checkpoint.meta, self._may_write
            )
        self._failpoint.reach(AFTER_STATE)
        return written

    def acknowledged(self) -> None:
        """Note that the records of a stored checkpoint are acknowledged to Faust, which commits later."""
        self._failpoint.reach(AFTER_ACKNOWLEDGE)


def _events(checkpoint: Checkpoint) -> Iterator[OutgoingRecord]:
    for output in checkpoint.outputs:
        yield OutgoingRecord(output.topic, output.value, output.key, output.headers)


def _dead_letters(checkpoint: Checkpoint) -> Iterator[OutgoingRecord]:
    for record, rejection in checkpoint.rejections:
        if is_failed_tick(record, rejection):
            continue
        origin = Origin(Topic.TELEMETRY, record.partition, record.offset)
        headers = dead_letter_headers(record.headers, origin, Stage.RULES, rejection.reason)
        if rejection.segments:
            headers.append((HEADER_SEGMENTS, msgspec.json.encode(rejection.segments)))
        yield OutgoingRecord(Topic.TELEMETRY_DEAD_LETTERS, record.value, record.key, headers)
