"""What an erasure leaves, where, until when and why, out of the registry of topics; pure."""

from collections.abc import Iterator

from schemas.erasures import Erasure, Remainder
from schemas.topics import TOPICS, Topic, TopicClass, TopicSpec

_LOG = "the log is only appended to; whoever reads it again leaves out what is erased"
_COMPACTED = "a record without a value ends it; Kafka's compaction removes what came before"
_MATCHING = "whoever may read both can tell by times and figures which rows of the pseudonym were the agent's"
_NAMED = "the erasure itself names the agent, as do the rules' states: whoever reads a log again has to know"
_WHY = {Topic.KEY_USAGE: "times at which keys with random ids were used last; whose they were is ended"}
# How far webhooks are, by offsets.
_OF_NO_AGENT = frozenset({Topic.WEBHOOK_STATE})
_NOT_BY_AGENT = frozenset({TopicClass.CONTROL})


def remains_of(erasure: Erasure) -> tuple[Remainder, ...]:
    """The places, by topic, and those of ClickHouse."""
    return (*_topics(erasure), *_record(erasure), *_clickhouse(), *_beside_figures(erasure))


def forget_value_at(erasure: Erasure) -> int:
    """When no topic holds anything any more that the value would have to be looked for in; milliseconds."""
    return max((found.until or 0 for found in _topics(erasure)), default=0)


def _topics(erasure: Erasure) -> Iterator[Remainder]:
    for spec in TOPICS.values():
        if spec.topic_class in _NOT_BY_AGENT or spec.topic in _OF_NO_AGENT:
            continue
        retention = _retention_ms(spec)
        if retention is not None:
            yield Remainder(spec.topic.value, erasure.up_to + retention, _LOG)
        elif erasure.agent_id is not None:
            yield Remainder(spec.topic.value, None, _WHY.get(spec.topic, _COMPACTED))


def _record(erasure: Erasure) -> Iterator[Remainder]:
    if erasure.agent_id is not None:
        yield Remainder(Topic.ERASURES.value, None, _NAMED)


def _beside_figures(erasure: Erasure) -> Iterator[Remainder]:
    """What the pseudonym of an agent does not hide."""
    if erasure.moves_rows:
        until = max((found.until or 0 for found in _topics(erasure)), default=0)
        yield Remainder("the logs beside the tables", until, _MATCHING)
        yield Remainder("ClickHouse, query log", None, "a server that keeps one has the pseudonym in it")


def _clickhouse() -> Iterator[Remainder]:
    yield Remainder("ClickHouse, files", None, "replaced parts are deleted from the disk some minutes later")
    yield Remainder(
        "ClickHouse, system.mutations", None, "each table keeps the texts of its last 100 mutations"
    )


def _retention_ms(spec: TopicSpec) -> int | None:
    if "delete" not in spec.config.get("cleanup.policy", ""):
        return None
    return int(spec.config["retention.ms"])
