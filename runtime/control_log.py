"""The store of control records: compacted topics, followed to their end and held in memory."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from aiokafka import ConsumerRecord

from runtime.control_state import NO_RULES, ControlState, Voids
from runtime.logging import get_logger
from runtime.settings import KafkaAddress
from runtime.topic_follower import TopicFollower

_log = get_logger(__name__)

Listener = Callable[[str, str, msgspec.Struct], None]
EndListener = Callable[[str, str], None]


class ControlReader(TopicFollower):
    """Follows control topics; every process reads everything."""

    def __init__(
        self,
        address: KafkaAddress,
        types: Mapping[str, type[msgspec.Struct]],
        client_id: str,
        voids: Mapping[str, Voids] = NO_RULES,
    ) -> None:
        """Follow the topics of `types`, by the rules in `voids`; nothing is read before `start`."""
        super().__init__(address, types, client_id, self._apply_all)
        self.state = ControlState(types, voids)
        self._listeners: list[Listener] = []
        self._end_listeners: list[EndListener] = []

    def subscribe(self, listener: Listener) -> None:
        """Call `listener(topic, key, data)` for each change from now on; it must not raise or block."""
        self._listeners.append(listener)

    def subscribe_ends(self, listener: EndListener) -> None:
        """Call `listener(topic, key)` for each entity that ends from now on; it must not raise or block."""
        self._end_listeners.append(listener)

    def _apply_all(self, topic: str, records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            try:
                key = (record.key or b"").decode()
                data = self.state.apply(topic, key, record.value, record.timestamp)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                _log.error("control_record_ignored", topic=topic, offset=record.offset, reason=str(error))
                continue
            if record.value is None:
                for ended in self._end_listeners:
                    ended(topic, key)
            if data is not None:
                for listener in self._listeners:
                    listener(topic, key, data)
