"""Every Kafka topic of Promethios, said once: name, shape, retention, who writes and who reads."""

from dataclasses import dataclass, field
from enum import StrEnum

_DAY_MS = 24 * 60 * 60 * 1000
_MIB = 1024 * 1024

# Kept before compaction, so that a stale owner's late record can be told from the true one by its fence.
_COMPACTION_LAG_MS = 60 * 60 * 1000

# The broker refuses what took longer than this from its making: nothing of a stale owner comes later. It is
# also how far the clocks of owners and brokers may differ.
LATEST_STATE_MS = 30_000


class Topic(StrEnum):
    """The name of each topic; consumers subscribe by these names, never by a pattern."""

    TELEMETRY = "promethios.telemetry.v1"
    TRUST_SCORES = "promethios.trust-scores.v1"
    POLICY_VIOLATIONS = "promethios.policy-violations.v1"
    ALERTS = "promethios.alerts.v1"
    AGENT_STATUS = "promethios.agent-status.v1"
    SPEND = "promethios.spend.v1"
    TENANTS = "promethios.tenants.v1"
    AGENTS = "promethios.agents.v1"
    API_KEYS = "promethios.api-keys.v1"
    OPERATORS = "promethios.operators.v1"
    PRIVACY_POLICIES = "promethios.privacy-policies.v1"
    TRUST_MODELS = "promethios.trust-models.v1"
    RETENTIONS = "promethios.retentions.v1"
    POLICIES = "promethios.policies.v1"
    PRICES = "promethios.prices.v1"
    BUDGETS = "promethios.budgets.v1"
    ALERT_RULES = "promethios.alert-rules.v1"
    ALERT_SILENCES = "promethios.alert-silences.v1"
    WEBHOOKS = "promethios.webhooks.v1"
    ERASURES = "promethios.erasures.v1"
    KEY_USAGE = "promethios.key-usage.v1"
    PROCESSOR_STATE = "promethios.processor-state.v1"
    WRITER_STATE = "promethios.writer-state.v1"
    WEBHOOK_STATE = "promethios.webhook-state.v1"
    WEBHOOK_DELIVERIES = "promethios.webhook-deliveries.v1"
    ACCESSES = "promethios.accesses.v1"
    TELEMETRY_DEAD_LETTERS = "promethios.telemetry.v1.dlq"
    REPLAYS = "promethios.replays.v1"
    WEBHOOK_DEAD_LETTERS = "promethios.webhook-deliveries.v1.dlq"


class Service(StrEnum):
    """Our processes, as principals on the broker and names in `status`."""

    GATEWAY = "gateway"
    PROCESSORS = "processors"
    WRITER = "writer"
    QUERY = "query"
    WEBHOOKS = "webhooks"


class TopicClass(StrEnum):
    """What a topic is for: raw input, public contract, control records, their use, or state of a process."""

    RAW = "raw"
    DERIVED = "derived"
    CONTROL = "control"
    USAGE = "usage"
    STATE = "state"
    DEAD_LETTER = "dead-letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """One topic as it is created on the broker, and who may use it.

    `partitions` is None for topics that follow the stack's partition count, which is fixed at creation.
    `trimmer` deletes what is stored elsewhere, to make room on the embedded broker.
    """

    topic: Topic
    topic_class: TopicClass
    description: str
    partitions: int | None = None
    config: dict[str, str] = field(default_factory=dict)
    producers: frozenset[Service] = frozenset()
    consumers: frozenset[Service] = frozenset()
    trimmer: Service | None = None


def _retained(days: int, **extra: str) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS), **extra}


def _compacted(**extra: str) -> dict[str, str]:
    return {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2", **extra}


def _derived(topic: Topic, description: str, config: dict[str, str] | None = None) -> TopicSpec:
    return TopicSpec(
        topic=topic,
        topic_class=TopicClass.DERIVED,
        description=description,
        config=config or _retained(30),
        producers=frozenset({Service.PROCESSORS}),
        consumers=frozenset({Service.WRITER, Service.QUERY, Service.WEBHOOKS}),
    )


def _control(topic: Topic, description: str, consumers: set[Service]) -> TopicSpec:
    return TopicSpec(
        topic=topic,
        topic_class=TopicClass.CONTROL,
        description=description,
        partitions=1,
        config=_compacted(),
        producers=frozenset({Service.QUERY}),
        consumers=frozenset(consumers | {Service.QUERY}),
    )


def _state(
    topic: Topic, description: str, owner: Service, readers: frozenset[Service] = frozenset()
) -> TopicSpec:
    config = {
        "min.compaction.lag.ms": str(_COMPACTION_LAG_MS),
        "max.message.bytes": str(16 * _MIB),
        "message.timestamp.before.max.ms": str(LATEST_STATE_MS),
    }
    return TopicSpec(
        topic=topic,
        topic_class=TopicClass.STATE,
        description=description,
        config=_compacted(**config),
        producers=frozenset({owner}),
        consumers=readers | {owner},
    )


_SPECS = (
    TopicSpec(
        topic=Topic.TELEMETRY,
        topic_class=TopicClass.RAW,
        description="What agents report: a record is an NDJSON block of one kind for one partition.",
        config=_retained(
            7,
            **{
                "message.timestamp.type": "LogAppendTime",
                "max.message.bytes": str(16 * _MIB),
                # Only whole segments are deleted, so these are the steps in which room can be made.
                "segment.bytes": str(128 * _MIB),
                # A deleted segment gives its room back after this.
                "file.delete.delay.ms": "5000",
            },
        ),
        producers=frozenset({Service.GATEWAY, Service.PROCESSORS}),
        consumers=frozenset({Service.PROCESSORS, Service.WRITER, Service.QUERY}),
        trimmer=Service.WRITER,
    ),
    TopicSpec(
        topic=Topic.TELEMETRY_DEAD_LETTERS,
        topic_class=TopicClass.DEAD_LETTER,
        description="Telemetry that could not be stored or understood, its bytes untouched, with the reason.",
        config=_retained(30, **{"max.message.bytes": str(16 * _MIB)}),
        producers=frozenset({Service.PROCESSORS, Service.WRITER}),
        consumers=frozenset({Service.QUERY}),
    ),
    TopicSpec(
        topic=Topic.REPLAYS,
        topic_class=TopicClass.USAGE,
        description="Which dead letters were sent again, so that none is twice.",
        partitions=1,
        # Longer than letters are, so that no letter outlives the note that it was sent.
        config=_retained(90),
    ),
    _derived(
        Topic.TRUST_SCORES,
        "The trust score of an agent, when it changes.",
        {"cleanup.policy": "compact,delete", "retention.ms": str(90 * _DAY_MS)},
    ),
    _derived(Topic.POLICY_VIOLATIONS, "Violations of policy, reported by agents or detected."),
    _derived(Topic.ALERTS, "Alerts, firing and resolved."),
    _derived(
        Topic.AGENT_STATUS,
        "Whether an agent is online, degraded, offline or suspended, when it changes.",
        {"cleanup.policy": "compact,delete", "retention.ms": str(90 * _DAY_MS)},
    ),
    _derived(
        Topic.SPEND,
        "What a tenant's agents spent on a day, as cumulative totals of each partition of the telemetry.",
        {"cleanup.policy": "compact,delete", "retention.ms": str(90 * _DAY_MS)},
    ),
    _control(Topic.TENANTS, "Tenants.", {Service.GATEWAY, Service.PROCESSORS}),
    _control(Topic.AGENTS, "Agents.", {Service.GATEWAY, Service.PROCESSORS}),
    _control(Topic.API_KEYS, "API keys of agents: hashes only.", {Service.GATEWAY}),
    _control(Topic.OPERATORS, "Operators' tokens: hashes only.", set()),
    _control(
        Topic.PRIVACY_POLICIES,
        "What is masked in agents' texts, and the tenants' keys for hashing it.",
        {Service.GATEWAY},
    ),
    _control(Topic.TRUST_MODELS, "The parameters of tenants' trust scores.", {Service.PROCESSORS}),
    _control(Topic.RETENTIONS, "How long tenants' rows are kept.", {Service.WRITER}),
    _control(Topic.POLICIES, "What agents may do.", {Service.PROCESSORS}),
    _control(Topic.BUDGETS, "What tenants mean to spend.", {Service.PROCESSORS}),
    _control(Topic.PRICES, "What tenants pay for the tokens of models.", {Service.GATEWAY}),
    _control(Topic.ALERT_RULES, "What is alarming.", {Service.PROCESSORS}),
    _control(Topic.ALERT_SILENCES, "Which alerts tell nobody, and until when.", {Service.PROCESSORS}),
    _control(
        Topic.WEBHOOKS, "Webhooks: who is told of what, and the secrets to sign it with.", {Service.WEBHOOKS}
    ),
    _control(
        Topic.ERASURES,
        "What is to be gone for good, and how far that is; whoever reads a log again leaves it out.",
        {Service.PROCESSORS, Service.WRITER},
    ),
    TopicSpec(
        topic=Topic.KEY_USAGE,
        topic_class=TopicClass.USAGE,
        description="When each API key and each operator's token was last used, to about a minute.",
        partitions=1,
        # Small segments, because only closed ones are compacted and all is read at a start.
        config=_compacted(**{"segment.bytes": str(16 * _MIB)}),
        producers=frozenset({Service.GATEWAY, Service.QUERY}),
        consumers=frozenset({Service.QUERY}),
    ),
    # The writer reads how far the state reaches, before it makes room in the telemetry topic.
    _state(
        Topic.PROCESSOR_STATE,
        "Checkpoints of the rules' state.",
        Service.PROCESSORS,
        frozenset({Service.WRITER}),
    ),
    _state(Topic.WRITER_STATE, "Checkpoints of the writer's duplicate detection.", Service.WRITER),
    _state(Topic.WEBHOOK_STATE, "How far each webhook is, and when it is tried again.", Service.WEBHOOKS),
    TopicSpec(
        topic=Topic.WEBHOOK_DELIVERIES,
        topic_class=TopicClass.USAGE,
        description="Every attempt to deliver a notification to a webhook, and what came of it.",
        config=_retained(7),
        producers=frozenset({Service.WEBHOOKS}),
        consumers=frozenset({Service.WRITER, Service.QUERY}),
    ),
    TopicSpec(
        topic=Topic.ACCESSES,
        topic_class=TopicClass.USAGE,
        description="Who has read logs, by search, live tail, download or SQL.",
        config=_retained(30),
        producers=frozenset({Service.QUERY}),
        consumers=frozenset({Service.WRITER, Service.QUERY}),
    ),
    TopicSpec(
        topic=Topic.WEBHOOK_DEAD_LETTERS,
        topic_class=TopicClass.DEAD_LETTER,
        description="Events that a webhook did not take in time, their bytes untouched, with the reason.",
        config=_retained(30),
        producers=frozenset({Service.WEBHOOKS}),
        consumers=frozenset({Service.QUERY}),
    ),
)

TOPICS: dict[Topic, TopicSpec] = {spec.topic: spec for spec in _SPECS}


def topics_of(service: Service) -> frozenset[Topic]:
    """The topics that a service writes or reads."""
    return frozenset(s.topic for s in _SPECS if service in s.producers | s.consumers)


DERIVED_TOPICS = tuple(s.topic for s in _SPECS if s.topic_class is TopicClass.DERIVED)
CONTROL_TOPICS = tuple(s.topic for s in _SPECS if s.topic_class is TopicClass.CONTROL)
DEAD_LETTER_TOPICS = tuple(s.topic for s in _SPECS if s.topic_class is TopicClass.DEAD_LETTER)

# What the administrator reads and writes: to put the first operator, and to send dead letters again.
ADMINISTERED_TOPICS = (Topic.OPERATORS, Topic.TELEMETRY, Topic.REPLAYS)

# What the administrator reads beside it, to compare it with a replay of the telemetry.
VERIFIED_TOPICS = (Topic.PROCESSOR_STATE, *DERIVED_TOPICS)

# What the administrator reads beside it, to compare the telemetry with what is stored of it.
AUDITED_TOPICS = (Topic.RETENTIONS, Topic.ERASURES)

# What all our topics and groups begin with, and nobody else's.
NAMESPACE = "promethios."

WRITER_GROUP = "promethios.writer"
PROCESSORS_GROUP = "promethios.processors"
WEBHOOKS_GROUP = "promethios.webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSpec:
    """A consumer group of ours: whose processes are in it, and who else asks how far it is."""

    group: str
    member: Service
    observers: frozenset[Service] = frozenset()


GROUPS = (
    # The writer asks how far the processors are, before it makes room in the telemetry topic.
    GroupSpec(group=PROCESSORS_GROUP, member=Service.PROCESSORS, observers=frozenset({Service.WRITER})),
    # The query API asks how far the writer is, before it says that something is erased.
    GroupSpec(group=WRITER_GROUP, member=Service.WRITER, observers=frozenset({Service.QUERY})),
    GroupSpec(group=WEBHOOKS_GROUP, member=Service.WEBHOOKS),
)

DEFAULT_PARTITIONS = 4
