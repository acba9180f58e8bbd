"""Writes control records for the registrars; returns once this process has read its own records back."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from aiokafka.errors import KafkaError

from query_api import errors
from runtime.control_log import ControlReader
from runtime.control_writer import ConflictError, ControlWriter
from runtime.problems import ProblemError
from schemas.control import ControlData, control_key, control_topic
from schemas.topics import Topic

_WRITE_SECONDS = 5.0
_ATTEMPTS = 10

DataT = TypeVar("DataT", bound=ControlData)


class Records:
    """The control records as one process writes them, one at a time.

    Every method raises ProblemError KAFKA_AWAY where the outcome is unknown.
    """

    def __init__(self, reader: ControlReader, writer: ControlWriter) -> None:
        """Decide by what `reader` has read."""
        self._reader = reader
        self._writer = writer
        # What this process has read cannot be outdated by its own writes.
        self._writing = asyncio.Lock()

    async def create(self, data: ControlData) -> int:
        """Write an entity that is not there yet, and return its offset.

        Raises:
            ConflictError: it is there.
        """
        topic, key = control_topic(data), control_key(data)
        try:
            async with asyncio.timeout(_WRITE_SECONDS), self._writing:
                if self._reader.state.get(topic, key) is not None:
                    raise ConflictError(f"{key} exists")
                return await self._writer.put(topic, key, data)
        except (TimeoutError, KafkaError) as error:
            raise _unknown_outcome() from error

    async def end(self, topic: Topic, key: str) -> None:
        """End an entity for good; one that has ended already stays so."""
        try:
            async with asyncio.timeout(_WRITE_SECONDS), self._writing:
                if self._reader.state.get(topic, key) is not None:
                    await self._writer.end(topic, key)
        except (TimeoutError, KafkaError) as error:
            raise _unknown_outcome() from error

    async def change(self, data: DataT, alter: Callable[[DataT], DataT]) -> tuple[DataT, dict[str, int]]:
        """Put what `alter` makes of an entity as it stands in its place.

        `alter` may raise, and is asked again when somebody else changes the entity at the same time, so that
        no change is lost. Returned are the entity, and by topic its record's offset, if anything changed.

        Raises:
            ProblemError: CONFLICT, others kept changing it.
        """
        topic, key = control_topic(data), control_key(data)
        try:
            async with asyncio.timeout(_WRITE_SECONDS), self._writing:
                for _ in range(_ATTEMPTS):
                    entry = self._reader.state.get(topic, key)
                    current = data if entry is None or not isinstance(entry.data, type(data)) else entry.data
                    altered = alter(current)
                    if altered == current:
                        return current, {}
                    try:
                        version = entry.version if entry else 0
                        return altered, {topic: await self._writer.put(topic, key, altered, replaces=version)}
                    except ConflictError:
                        continue
        except (TimeoutError, KafkaError) as error:
            raise _unknown_outcome() from error
        raise ProblemError(errors.CONFLICT, "Others change it all the time: please ask again.")


def _unknown_outcome() -> ProblemError:
    return ProblemError(errors.KAFKA_AWAY, "It may or may not have happened: look before you ask again.")
