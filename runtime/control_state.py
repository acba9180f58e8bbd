"""The entities that control records make: of several writes of one version the first in the log wins; pure.

A write carries the version that it makes: the one before plus one. What may not follow what came before it in
the log is void for every reader alike, whoever wrote it and whatever it had read by then.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

DataT = TypeVar("DataT")


class Entry(NamedTuple, Generic[DataT]):
    """An entity as it stands, and the version to build on."""

    version: int
    data: DataT


class Envelope(msgspec.Struct, frozen=True):
    """A control record's value; `write_id` tells whose write it was."""

    version: int
    write_id: str
    data: msgspec.Raw


# Whether a change is void, by what was before it, what it makes, the topic's other entities and its Kafka
# timestamp in milliseconds: a function of the log alone, as every reader has to find the same.
Voids = Callable[[Any, Any, Iterable[Any], int], bool]
NO_RULES: Mapping[str, Voids] = {}


class ControlState:
    """The entities of some control topics, by key: fed with records, it answers questions."""

    def __init__(
        self, types: Mapping[str, type[msgspec.Struct]], voids: Mapping[str, Voids] = NO_RULES
    ) -> None:
        """Hold the topics of `types`, each with the type of its data; `voids` are rules of some topics."""
        self._types = types
        self._voids = voids
        self._entries: dict[str, dict[str, Entry[msgspec.Struct]]] = {topic: {} for topic in types}
        self._overtaken: dict[tuple[str, str], Entry[msgspec.Struct]] = {}
        self._watched: dict[str, bool] = {}

    def get(self, topic: str, key: str) -> Entry[msgspec.Struct] | None:
        """The entity, or None."""
        return self._entries[topic].get(key)

    def all(self, topic: str) -> Mapping[str, Entry[msgspec.Struct]]:
        """All entities of a topic by key; a live view, not to be changed."""
        return self._entries[topic]

    @property
    def overtaken(self) -> Mapping[tuple[str, str], Entry[msgspec.Struct]]:
        """By topic and key, the entities whose last record in the log is a loser's, or void.

        Compaction keeps a key's last record only: whoever reads afterwards would take the loser.
        """
        return self._overtaken

    @contextlib.contextmanager
    def watching(self, write_id: str) -> Iterator[Callable[[], bool]]:
        """Gives a question: has this write been applied, whatever was built upon it since?"""
        self._watched[write_id] = False
        try:
            yield lambda: self._watched[write_id]
        finally:
            del self._watched[write_id]

    def apply(self, topic: str, key: str, value: bytes | None, at: int = 0) -> msgspec.Struct | None:
        """Take the next record of a topic; the entity if it changed, None if the record counts for nothing.

        `at` is the record's Kafka timestamp, in milliseconds. Versions may be missing, as compaction takes
        what is superseded; none may fall or repeat. A record without a value ends an entity, as compaction
        does in time: its next version is 1 again.

        Raises:
            msgspec.MsgspecError: the value is no control record of this topic.
        """
        if value is None:
            self._entries[topic].pop(key, None)
            self._overtaken.pop((topic, key), None)
            return None
        envelope = msgspec.json.decode(value, type=Envelope)
        offered = Entry(envelope.version, msgspec.json.decode(envelope.data, type=self._types[topic]))
        current = self._entries[topic].get(key)
        if current is not None and offered.version <= current.version:
            if offered != current:
                self._overtaken[topic, key] = current
            return None
        if current is not None and self._is_void(topic, key, (current.data, offered.data), at):
            self._overtaken[topic, key] = current
            return None
        self._entries[topic][key] = offered
        self._overtaken.pop((topic, key), None)
        if envelope.write_id in self._watched:
            self._watched[envelope.write_id] = True
        return offered.data

    def _is_void(self, topic: str, key: str, changes: tuple[msgspec.Struct, msgspec.Struct], at: int) -> bool:
        rule = self._voids.get(topic)
        if rule is None:
            return False
        others = (entry.data for other, entry in self._entries[topic].items() if other != key)
        return rule(*changes, others, at)
