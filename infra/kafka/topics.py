"""Create the topics of the registry, and see which there are."""

from collections.abc import Iterable, Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from infra.errors import StackError
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import TOPICS, TopicSpec

# Three copies where there are three brokers; the embedded broker is alone.
_COPIES = 3


class TopicError(StackError):
    """The cluster's topics cannot be brought into shape; the text says what to do."""


async def ensure_topics(address: KafkaAddress, partitions: int) -> list[str]:
    """Create the topics that are missing and return their names; topics that exist keep their settings.

    `partitions` is the stack's partition count, which is fixed when its first topic is created.

    Raises:
        TopicError: a topic exists with another partition count, or cannot be created.
        KafkaError: the brokers do not answer.
    """
    admin = kafka.admin(address, client_id="promethios-topics")
    try:
        await admin.start()
        existing = await partition_counts(admin, TOPICS)
        check_partitions(existing, partitions)
        missing = [spec for spec in TOPICS.values() if spec.topic not in existing]
        brokers = len((await admin.describe_cluster())["brokers"])
        await _create(admin, missing, partitions, copies=min(_COPIES, brokers))
    finally:
        await admin.close()
    return [spec.topic.value for spec in missing]


async def partition_counts(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, int]:
    """How many partitions each topic has; topics that do not exist are left out."""
    known = set(await admin.list_topics())
    wanted = [str(name) for name in names if name in known]
    if not wanted:
        return {}
    return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(wanted)}


def check_partitions(existing: Mapping[str, int], partitions: int) -> None:
    """Refuse a cluster whose topics have other partition counts than the registry asks for.

    Raises:
        TopicError: naming the first such topic.
    """
    for spec in TOPICS.values():
        found, wanted = existing.get(spec.topic), spec.partitions or partitions
        if found is not None and found != wanted:
            raise TopicError(
                f"The topic {spec.topic} has {found} partitions and this stack was made for {wanted}: keys "
                "would move to other partitions. Use the cluster that the stack was made with, or start with "
                "a new data folder and topics."
            )


async def _create(admin: AIOKafkaAdminClient, specs: list[TopicSpec], partitions: int, copies: int) -> None:
    if not specs:
        return
    topics = [
        NewTopic(spec.topic.value, spec.partitions or partitions, copies, topic_configs=dict(spec.config))
        for spec in specs
    ]
    response = await admin.create_topics(topics)
    for name, code, *message in response.topic_errors:
        error = for_code(code)
        if error is TopicAlreadyExistsError or code == 0:
            continue
        detail = f": {message[0]}" if message and message[0] else ""
        raise TopicError(f"Kafka refused to create the topic {name} ({error.__name__}{detail}).")
