"""How far a webhook is, as it is kept on the state topic; pure."""

from collections.abc import Mapping

import msgspec

from webhook_dispatcher.notification import Place


class Retry(msgspec.Struct, frozen=True):
    """The notification at the head that was not taken yet, and how often it was tried."""

    notification_id: str
    attempts: int


class EndpointState(msgspec.Struct, frozen=True):
    """All that survives a restart; times in milliseconds.

    `positions` has for each topic and partition the offset before which all is settled; `starts_at` is the
    webhook's when they were found. `failures` counts attempts without a success between, from
    `failing_since` on. `gone_at` is the webhook's `changed_at` when its endpoint said that it is gone.
    `tested` is the id of the last test event.
    """

    webhook_id: str
    starts_at: int
    positions: dict[str, dict[int, int]]
    failures: int = 0
    failing_since: int = 0
    retry_at: int = 0
    head: Retry | None = None
    gone_at: int | None = None
    tested: str = ""

    def by_place(self) -> dict[Place, int]:
        """The positions by place."""
        return {
            Place(topic, partition): offset
            for topic, offsets in self.positions.items()
            for partition, offset in offsets.items()
        }


def positions_of(offsets: Mapping[Place, int]) -> dict[str, dict[int, int]]:
    """The form in which positions are kept."""
    positions: dict[str, dict[int, int]] = {}
    for place, offset in sorted(offsets.items()):
        positions.setdefault(place.topic, {})[place.partition] = offset
    return positions
