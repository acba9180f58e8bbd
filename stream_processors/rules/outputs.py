"""Derived events with ids that are a function of the log, so that a copy sent twice can be recognised."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from schemas.derived import Alert, DerivedData, DerivedEvent, Spend, subject_of

_EVENTS = UUID("6d2d9a52-7d0c-5a0e-9c39-3a1f3b5f7c11")
_FINGERPRINTS = UUID("0b9f4a0e-54b3-5f0f-8f64-6f5a1f0f9b27")


@dataclass(slots=True)
class Outputs:
    """What one record gives: events in order; an id is uuid5 of rule, agent, partition, offset and line."""

    partition: int
    offset: int
    events: list[DerivedEvent] = field(default_factory=list)

    def add(self, rule: str, data: DerivedData, *, now: int, line: int, key: str | None = None) -> None:
        """Add an event; `line` counts the record's rows from 0, `key` is the subject unless it is given.

        A rule may add at most one event for each line of a subject, which is most often an agent.
        """
        subject = subject_of(data)
        event_id = str(uuid5(_EVENTS, f"{rule}/{subject}/{self.partition}/{self.offset}/{line}"))
        self.events.append(DerivedEvent(event_id, key or subject, now, data))

    def add_alert(self, alert: Alert, *, now: int, line: int) -> None:
        """Add an alert, under its fingerprint as key."""
        self.add(f"alert/{alert.rule}", alert, now=now, line=line, key=alert.fingerprint)

    def add_spend(self, spend: Spend, *, now: int) -> None:
        """Add totals, under their own key."""
        self.add(f"spend/{spend.key}", spend, now=now, line=0, key=spend.key)


def fingerprint(rule: str, tenant_id: str, agent_id: str) -> str:
    """What identifies an alert through all its lives."""
    return str(uuid5(_FINGERPRINTS, f"{rule}/{tenant_id}/{agent_id}"))
