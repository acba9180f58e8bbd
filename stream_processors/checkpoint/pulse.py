"""When the group's coordinator last counted this worker in."""

import time

from aiokafka import AIOKafkaConsumer


class GroupPulse:
    """The age of the last heartbeat that the coordinator answered well.

    A worker that was stopped for longer than its session finds its pulse old before it writes anything, and
    its next heartbeat tells it that the partitions are gone.
    """

    def __init__(self, limit: float) -> None:
        """Count as a member for `limit` seconds after each heartbeat."""
        self._limit = limit
        self._last = float("-inf")

    @property
    def fresh(self) -> bool:
        """Whether the group surely still counts us in."""
        return time.monotonic() - self._last < self._limit

    def beat(self) -> None:
        """Note that the coordinator has just counted us in: by a heartbeat, or by an assignment."""
        self._last = time.monotonic()

    def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Note each heartbeat of a consumer from now on; to be called once for a consumer that has a group.

        aiokafka keeps the time of the last heartbeat to itself, so the method that sends it is wrapped.
        """
        coordinator = consumer._coordinator  # noqa: SLF001 - see above; both packages are pinned
        send = coordinator._do_heartbeat  # noqa: SLF001 - see above

        async def send_and_note() -> bool:
            sent_at = time.monotonic()
            counted = bool(await send())
            if counted:
                self._last = sent_at
            return counted

        coordinator._do_heartbeat = send_and_note  # noqa: SLF001 - see above
