"""When keys were last used, as the gateways say on their topic."""

import asyncio
from collections.abc import Sequence

import msgspec
from aiokafka import ConsumerRecord

from runtime.logging import get_logger
from runtime.settings import KafkaAddress
from runtime.topic_follower import TopicFollower
from schemas.key_usage import KeyUse
from schemas.topics import Topic

_log = get_logger(__name__)
_LOOK_SECONDS = 1.0


class LastUses:
    """The last use of each key; true to about a minute, and nothing before its topic has been read."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def of(self, key_id: str) -> int | None:
        """When the key was last used, in milliseconds; None where it was not."""
        return self._last.get(key_id)

    def take(self, topic: str, records: Sequence[ConsumerRecord]) -> None:
        """Take the next records of the topic; several gateways write, so that times may fall."""
        for record in records:
            try:
                key_id = (record.key or b"").decode()
                use = msgspec.json.decode(record.value or b"", type=KeyUse)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                _log.error("key_use_ignored", topic=topic, offset=record.offset, reason=str(error))
                continue
            self._last[key_id] = max(use.last_used_at, self._last.get(key_id, 0))

    async def follow(self, address: KafkaAddress, client_id: str) -> None:
        """Read the topic for ever, and again from its start when reading has ended."""
        while True:
            follower = TopicFollower(address, [Topic.KEY_USAGE], client_id, self.take)
            try:
                try:
                    await follower.start()
                    while follower.following:  # noqa: ASYNC110 - the follower has no event for its end
                        await asyncio.sleep(_LOOK_SECONDS)
                finally:
                    await follower.stop()
            except Exception as error:  # noqa: BLE001 - keys work all the same; it is tried again
                _log.warning("key_usage_not_followed", reason=repr(error))
            await asyncio.sleep(_LOOK_SECONDS)
