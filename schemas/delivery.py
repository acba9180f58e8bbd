"""What became of what agents sent: accepted by the log, and stored in the tables, by agent and hour."""

import msgspec


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's hour of arrival (`hour` in milliseconds); all but `requests` count events.

    Of those `accepted`, some were `repeated` under one key, came `late` into the log, were given up as `dead`
    letters, are `waiting` for the writer, are `expired` by the tenant's retention or `erased`; the rest
    should be `stored`.
    """

    tenant_id: str
    agent_id: str
    hour: int
    requests: int
    accepted: int
    repeated: int = 0
    late: int = 0
    dead: int = 0
    waiting: int = 0
    expired: int = 0
    erased: int = 0
    stored: int = 0

    @property
    def unexplained(self) -> int:
        """Events that should be stored and are not; below zero: are stored and should not be."""
        gone = self.dead + self.expired + self.erased
        return self.accepted - self.repeated - self.late - self.waiting - gone - self.stored


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """All of it from the first hour that is known whole; `undecodable` counts records nobody can read."""

    since: int
    until: int
    deliveries: list[Delivery]
    undecodable: int = 0
