"""A derived event as webhooks are told of it: what filters ask of it, and its bytes; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec

from schemas.derived import AlertChange
from schemas.errors import InvalidMessageError
from schemas.messages.values import Severity

ATTRIBUTE_PREFIX = "ce_"
CONTENT_TYPE = "content-type"


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class Record(Protocol):
    """What is used of aiokafka's ConsumerRecord."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """An event in the log, not yet matched with anybody; `timestamp` in milliseconds, the record's.

    Of `quiet` ones nobody is told: an operator silenced them, or an alert that is known has only recurred.
    `value` is the event's data, valid JSON; `headers` are the record's, the last one of each name.
    """

    place: Place
    offset: int
    timestamp: int
    event_id: str
    event_type: str
    tenant_id: str
    agent_id: str
    severity: Severity | None
    quiet: bool
    key: bytes | None
    headers: Mapping[str, bytes]
    value: bytes


class _Facts(msgspec.Struct):
    tenant_id: str
    agent_id: str = ""
    severity: Severity | None = None
    silenced_by: str = ""
    change: str | None = None


def read_notification(record: Record) -> Notification:
    """Read a record of a derived topic, of whatever type.

    Raises:
        InvalidMessageError: it has no id or type, or its data is no JSON object with a tenant.
    """
    headers = dict(record.headers)
    try:
        facts = msgspec.json.decode(record.value or b"", type=_Facts)
        event_id, event_type = headers["ce_id"].decode("ascii"), headers["ce_type"].decode("ascii")
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise InvalidMessageError(f"not a derived event: {error!r}") from error
    return Notification(
        place=Place(record.topic, record.partition),
        offset=record.offset,
        timestamp=record.timestamp,
        event_id=event_id,
        event_type=event_type,
        tenant_id=facts.tenant_id,
        agent_id=facts.agent_id,
        severity=facts.severity,
        quiet=bool(facts.silenced_by) or facts.change == AlertChange.RECURRED,
        key=record.key,
        headers=headers,
        value=record.value or b"",
    )
