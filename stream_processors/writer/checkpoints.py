"""The checkpoints of a partition's rings: loaded once by its new owner, then written now and then."""

from uuid import UUID

import msgspec
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from runtime.logging import get_logger
from schemas.errors import InvalidMessageError
from stream_processors.checkpoint.repeating import REPEAT_AFTER_SECONDS
from stream_processors.state.topic_id import check_topic_id, fetch_topic_id
from stream_processors.writer.rings import Rings
from stream_processors.writer.services import Services
from stream_processors.writer.store import Step

_log = get_logger(__name__)


class CheckpointMeta(msgspec.Struct, frozen=True):
    """What a checkpoint says beside its rings: the topic that they were made from."""

    topic_id: UUID


class Checkpoints:
    """Of one partition, by its owner.

    What is written soon after the partition was taken is written once more later: until then the last batch
    of a stale owner may come behind it, as with processors (`checkpoint/repeating.py`).
    """

    def __init__(self, partition: TopicPartition, rings: Rings, services: Services) -> None:
        """`rings` are restored by `load`, and written as they stand."""
        self._partition = partition
        self._rings = rings
        self._services = services
        self._meta = b""
        self._written_at = services.clock()
        self._early_until = services.clock() + REPEAT_AFTER_SECONDS

    async def load(self) -> int:
        """Restore the rings; returns the offset that they have absorbed, -1 when there is no checkpoint.

        Raises:
            StateMismatchError: the topic was recreated since.
            InvalidMessageError: the checkpoint is not the writer's.
            aiokafka.errors.KafkaError: the broker did not answer.
        """
        topic = self._partition.topic
        topic_id = await fetch_topic_id(self._services.consumer, topic)
        self._meta = msgspec.json.encode(CheckpointMeta(topic_id))
        snapshot = await self._services.state_log.load(self._partition.partition)
        if snapshot.meta is not None:
            try:
                meta = msgspec.json.decode(snapshot.meta, type=CheckpointMeta)
            except msgspec.MsgspecError as error:
                raise InvalidMessageError(
                    f"the checkpoint of {topic} is not the writer's: {error}"
                ) from error
            check_topic_id(topic, meta.topic_id, topic_id)
        self._rings.restore(snapshot.entries)
        return snapshot.fence

    def _forget_the_erased(self) -> None:
        for agent_key, up_to in self._services.erasures.agents():
            self._rings.forget(agent_key, up_to)

    async def write(self, fence: int) -> None:
        """Write what changed; everything up to `fence` must be absorbed and committed.

        Raises:
            aiokafka.errors.KafkaError: not all was acknowledged; the next one writes it again.
        """
        self._forget_the_erased()
        early = self._services.clock() < self._early_until
        if not early:
            self._rings.write_again()
        entries = self._rings.changed(fence)
        await self._services.state_log.write(self._partition.partition, fence, entries, self._meta)
        self._rings.saved((entry.key for entry in entries), early=early)

    async def write_when_due(self, fence: int) -> None:
        """As `write`, if the last one is old enough; a failure is only logged."""
        now = self._services.clock()
        if now < self._written_at + self._services.settings.writer_checkpoint_seconds:
            return
        self._written_at = now
        self._services.failpoint.reach(Step.BEFORE_CHECKPOINT)
        try:
            await self.write(fence)
        except KafkaError as error:
            # The one before still serves: the next start only has more to replay.
            _log.warning("checkpoint_failed", partition=self._partition.partition, reason=repr(error))
        self._services.failpoint.reach(Step.AFTER_CHECKPOINT)
