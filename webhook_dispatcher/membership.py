"""Which webhooks are this process's: the group's member owns partitions of the state topic."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from runtime.logging import get_logger
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from webhook_dispatcher.endpoints import Endpoints
from webhook_dispatcher.state_store import load_states

_log = get_logger(__name__)
_POLL_MS = 1_000
_LONGEST_WAIT_SECONDS = 5.0


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Loads the states of what is assigned and lets go of what is revoked; nothing is consumed in the group.

    A process that was stopped and does not know that its partitions are another's may deliver what that one
    delivers too, as after any crash: receivers know a copy by its `webhook-id`.
    """

    def __init__(self, consumer: AIOKafkaConsumer, address: KafkaAddress, endpoints: Endpoints) -> None:
        """`consumer` must be started; nothing is subscribed before `run`."""
        self._consumer = consumer
        self._address = address
        self._endpoints = endpoints
        self._loading: dict[int, asyncio.Task[None]] = {}
        self.joined = False

    @property
    def is_loaded(self) -> bool:
        """Whether there is an assignment, and all states of it are read."""
        return self.joined and all(task.done() for task in self._loading.values())

    async def run(self) -> None:
        """Be a member until cancelled.

        Raises:
            Exception: states could not be read, for a reason that waiting does not mend.
        """
        self._consumer.subscribe([Topic.WEBHOOK_STATE], listener=self)
        try:
            while True:
                await self._consumer.getmany(timeout_ms=_POLL_MS)
                self._endpoints.count()
                for task in self._loading.values():
                    if task.done():
                        task.result()
        finally:
            await self._release(tuple(self._loading))

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin with each partition once its states are read."""
        for target in assigned:
            # Any position at once, or else the fetcher would look for one and fail where none is committed.
            self._consumer.seek(target, 0)
            self._consumer.pause(target)
            self._loading[target.partition] = asyncio.create_task(self._load(target.partition))
        self.joined = True
        _log.info("webhooks_assigned", partitions=sorted(self._loading))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Stop what is somebody else's from now on."""
        await self._release([target.partition for target in revoked])

    async def _load(self, partition: int) -> None:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((KafkaError, TimeoutError)),
            wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_WAIT_SECONDS),
            before_sleep=lambda state: _log.warning("webhook_states_wait", reason=repr(state.outcome)),
        ):
            with attempt:
                states = await load_states(self._address, partition)
        self._endpoints.own(partition, states)

    async def _release(self, partitions: Iterable[int]) -> None:
        wanted = [partition for partition in partitions if partition in self._loading]
        loading = [self._loading.pop(partition) for partition in wanted]
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)
        await self._endpoints.disown(wanted)
