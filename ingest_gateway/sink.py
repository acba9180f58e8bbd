"""Where blocks go: the one thing that the coalescer needs of Kafka."""

from collections.abc import Sequence
from typing import Protocol

Headers = Sequence[tuple[str, bytes]]


class SinkError(Exception):
    """A block was refused or its fate is unknown; whoever sent its rows has to send them again."""


class Sink(Protocol):
    """Appends records to the partitions of one topic."""

    async def start(self) -> int:
        """Connect, and return how many partitions there are.

        Raises:
            SinkError: it cannot be reached or the topic does not exist; may be called again.
        """

    async def publish(self, partition: int, value: bytes, headers: Headers) -> int:
        """Append a record; returns its Kafka timestamp, in milliseconds, when it is stored durably.

        May block as long as the broker is away.

        Raises:
            SinkError: it may or may not have been stored.
        """

    @property
    def is_connected(self) -> bool:
        """Whether records are taken; the broker may still be away."""

    async def stop(self) -> None:
        """Disconnect within a few seconds, whatever the broker does."""
