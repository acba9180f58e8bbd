"""Derived events: what the processors publish for anybody, as CloudEvents 1.0 in Kafka binary mode."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.exceptions import BaseCloudEventException
from cloudevents.core.formats.json import JSONFormat

from schemas.errors import InvalidMessageError
from schemas.messages.values import Severity
from schemas.timestamps import from_datetime, to_rfc3339
from schemas.topics import Topic

SOURCE = "/promethios/processors"


class TrustLevel(StrEnum):
    """Bands of the trust score, best first."""

    TRUSTED = "trusted"
    GOOD = "good"
    WATCH = "watch"
    RESTRICTED = "restricted"
    UNTRUSTED = "untrusted"


class TrustStatus(StrEnum):
    """What the score rests on: enough evidence, not yet enough, or none lately."""

    ACTIVE = "active"
    PROVISIONAL = "provisional"
    STALE = "stale"
    STOPPED = "stopped"


class Reason(msgspec.Struct, frozen=True):
    """Why points are missing from 100; `events` are event ids (`batch_id:seq`) or empty.

    `observed` is the figure behind the reason and `expected` the one that would cost nothing, in the same
    unit, where there are such figures: a share of calls, times slower or dearer, intervals missed.
    """

    code: str
    points: float
    events: list[str] = []
    observed: float | None = None
    expected: float | None = None


class TrustScore(msgspec.Struct, frozen=True):
    """An agent's trust, 0 to 100 in tenths; `low` and `high` bound it, `confidence` is 0 to 1.

    `as_of` is the newest `received_at` absorbed, `ceilings` are the named limits in force, `reported_trust`
    is what the agent said of itself, kept and never used, `claim_gap` how many points that lies above the
    score. `model_version` is the version of the tenant's trust parameters, 0 for the defaults.
    """

    tenant_id: str
    agent_id: str
    score: float
    level: TrustLevel
    status: TrustStatus
    confidence: float
    low: float
    high: float
    as_of: str
    reasons: list[Reason]
    ceilings: list[str]
    reported_trust: float | None = None
    claim_gap: float | None = None
    model_version: int = 0


class ViolationSource(StrEnum):
    """Who found a violation."""

    REPORTED = "reported"
    DETECTED = "detected"


class PolicyViolation(msgspec.Struct, frozen=True):
    """One violation of policy; `evidence` are event ids.

    One that was detected names the tenant's policy that found it, and the policy's version.
    """

    tenant_id: str
    agent_id: str
    rule: str
    severity: Severity
    source: ViolationSource
    description: str
    occurred_at: str
    evidence: list[str]
    policy_id: str = ""
    policy_version: int = 0


class AlertState(StrEnum):
    """The life of an alert."""

    FIRING = "firing"
    RESOLVED = "resolved"


class AlertChange(StrEnum):
    """What happened to an alert; one that escalated has a worse severity than before.

    One about a budget does so at each further threshold. One that recurred is as it was, but that its
    condition was met again: told once a minute at most.
    """

    FIRED = "fired"
    ESCALATED = "escalated"
    RECURRED = "recurred"
    SILENCED = "silenced"
    UNSILENCED = "unsilenced"
    RESOLVED = "resolved"


class Alert(msgspec.Struct, frozen=True):
    """A change in the life of an alert; `fingerprint` is the same for all of one life and its repeats.

    `agent_id` is empty where it is about no single agent, or a budget. One that is `silenced_by` a silence is
    not to disturb anybody. `rule_version` is 0 for a default rule, a budget, and where the rule is gone.
    `value` is what the rule's `metric` came to, `threshold` what it was compared to. `count` is how often the
    condition was found met in this life while something new had come, between `first_seen_at` and
    `last_seen_at`. `evidence` are event ids, the newest first.
    """

    tenant_id: str
    agent_id: str
    fingerprint: str
    rule: str
    state: AlertState
    severity: Severity
    summary: str
    started_at: str
    ended_at: str | None
    evidence: list[str]
    change: AlertChange | None = None
    rule_version: int = 0
    metric: str = ""
    value: float | None = None
    threshold: float | None = None
    count: int = 1
    first_seen_at: str | None = None
    last_seen_at: str | None = None
    silenced_by: str = ""


class OnlineStatus(StrEnum):
    """Whether an agent is there."""

    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    SUSPENDED = "suspended"


class AgentStatus(msgspec.Struct, frozen=True):
    """A change of an agent's status, with the last sign of life before it."""

    tenant_id: str
    agent_id: str
    status: OnlineStatus
    reason: str
    last_seen_at: str


class SpendFigure(msgspec.Struct, frozen=True):
    """A sum of cost entries; decimals are texts, which keep every digit.

    `price_version` is the version of the price table by which these entries were priced, 0 where agents were
    billed or told the price themselves. Without a `currency` there is no amount: those are entries that have
    no price, with their `unpriced_tokens`.
    """

    currency: str
    amount: str
    price_version: int
    entries: int
    unpriced_tokens: str = "0"


class Spend(msgspec.Struct, frozen=True):
    """What was spent on a day (UTC, of the log's clock) on a cost centre, by the agents of one partition.

    Cumulative: each event takes the place of those before it with the same key, and all partitions' together
    are what the tenant spent. `log_partition` is the telemetry's; `cost_center` is empty where agents name
    none.
    """

    tenant_id: str
    cost_center: str
    day: str
    log_partition: int
    figures: list[SpendFigure]

    @property
    def key(self) -> str:
        """The key of the record; unambiguous, as neither a tenant's id nor what follows holds a slash."""
        return f"{self.tenant_id}/{self.cost_center}/{self.day}/{self.log_partition}"


DerivedData = TrustScore | PolicyViolation | Alert | AgentStatus | Spend


def subject_of(data: DerivedData) -> str:
    """Whom an event is about: `tenant/agent`, or the tenant where it is about no single agent."""
    if isinstance(data, Spend) or not data.agent_id:
        return data.tenant_id
    return f"{data.tenant_id}/{data.agent_id}"


@dataclass(frozen=True, slots=True)
class DerivedType:
    """A type of derived event: its topic, its CloudEvents type and the schema of its data.

    `routine` events come every few seconds whatever happens: who wants them has to say so.
    """

    topic: Topic
    name: str
    data: type[DerivedData]
    routine: bool = False

    @property
    def schema_uri(self) -> str:
        """The `$id` of the JSON Schema in `schemas/json/`; CloudEvents asks for an absolute URI."""
        return f"urn:promethios:schema:{self.name}"

    @property
    def schema_file(self) -> str:
        """The name of the JSON Schema's file."""
        return f"{self.name}.schema.json"


DERIVED_TYPES = (
    DerivedType(Topic.TRUST_SCORES, "io.promethios.trust-score.changed.v1", TrustScore),
    DerivedType(Topic.POLICY_VIOLATIONS, "io.promethios.policy-violation.found.v1", PolicyViolation),
    DerivedType(Topic.ALERTS, "io.promethios.alert.changed.v1", Alert),
    DerivedType(Topic.AGENT_STATUS, "io.promethios.agent-status.changed.v1", AgentStatus),
    DerivedType(Topic.SPEND, "io.promethios.spend.changed.v1", Spend, routine=True),
)


def _headers_of(derived: DerivedType) -> list[tuple[str, bytes]]:
    """Those that all events of a type have."""
    return [
        ("ce_source", SOURCE.encode()),
        ("ce_type", derived.name.encode()),
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_dataschema", derived.schema_uri.encode()),
    ]


ROUTINE_TYPES = frozenset(derived.name for derived in DERIVED_TYPES if derived.routine)

# Compacted, with an agent's key.
_ENDED_TOPICS = (Topic.TRUST_SCORES, Topic.AGENT_STATUS)

_BY_DATA = {derived.data: derived for derived in DERIVED_TYPES}
_BY_TYPE = {derived.name: derived for derived in DERIVED_TYPES}
_HEADERS_OF = {derived.name: _headers_of(derived) for derived in DERIVED_TYPES}
_encoder = msgspec.json.Encoder()


class DerivedEvent(msgspec.Struct, frozen=True):
    """One derived event; equal inputs give equal ids, so a copy can be recognised.

    `time` is in milliseconds on the log's clock; `key` is the record's key and decides the partition.
    """

    id: str
    key: str
    time: int
    data: DerivedData

    @property
    def derived_type(self) -> DerivedType:
        """The type by the event's data."""
        return _BY_DATA[type(self.data)]


@dataclass(frozen=True, slots=True)
class DerivedRecord:
    """A derived event as a Kafka record; without a value it ends its key on a compacted topic."""

    topic: Topic
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def encode_event(event: DerivedEvent) -> DerivedRecord:
    """The Kafka record of an event: attributes in `ce_` headers, the data alone as value."""
    derived = event.derived_type
    # Written by hand, because `cloudevents` takes 10 µs for it; a test compares with what that writes.
    headers = [
        *_HEADERS_OF[derived.name],
        ("ce_id", event.id.encode()),
        ("ce_subject", subject_of(event.data).encode()),
        ("ce_time", to_rfc3339(event.time).encode()),
    ]
    return DerivedRecord(derived.topic, event.key.encode(), _encoder.encode(event.data), headers)


def endings_of(agent_key: str) -> list[DerivedRecord]:
    """What has compaction remove the last records of an agent that was erased."""
    return [DerivedRecord(topic, agent_key.encode(), None, []) for topic in _ENDED_TOPICS]


def decode_event(
    headers: Sequence[tuple[str, bytes]], key: bytes | None, value: bytes | None
) -> DerivedEvent:
    """Read a record of a derived topic.

    Raises:
        InvalidMessageError: an attribute is missing, the type is unknown, or the data does not fit.
    """
    try:
        event = from_binary(KafkaMessage(dict(headers), None, value or b""), JSONFormat())
        derived = _BY_TYPE[event.get_type()]
        data: DerivedData = msgspec.json.decode(value or b"", type=derived.data)
    except (KeyError, ValueError, BaseCloudEventException, msgspec.MsgspecError) as error:
        raise InvalidMessageError(f"not a derived event: {error}") from error
    moment = event.get_time()
    if moment is None:
        raise InvalidMessageError("a derived event has a time", field="ce_time")
    return DerivedEvent(event.get_id(), (key or b"").decode(), from_datetime(moment), data)
