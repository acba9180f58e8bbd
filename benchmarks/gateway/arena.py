"""Where the contenders meet: a stack of which only the broker goes on, 200 agents, their requests on disk."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from aiokafka.admin import NewTopic

from benchmarks.broker_only import leave_the_broker
from benchmarks.gateway.collector import COLLECTOR_PATH
from benchmarks.gateway.payloads import collector_body, gateway_body, http_request
from benchmarks.load import Agent
from benchmarks.stack import Stack
from infra.kafka.topics import partition_counts
from runtime import kafka
from runtime.settings import KAFKA_URL, KafkaAddress, kafka_url_variable
from schemas.block import Kind
from schemas.messages.registry import REPORT_ROUTES
from schemas.topics import TOPICS, Service, Topic

COLLECTOR_TOPIC = "bench.otel"
GATEWAY_PATH = next(route.path for route in REPORT_ROUTES if route.kind is Kind.LOG)
_SEED = 1


@dataclass(frozen=True)
class Arena:
    """The broker, how its clients reach it, and the environment that the stack's services have."""

    folder: Path
    broker: psutil.Process
    kafka: KafkaAddress
    partitions: int
    environment: Mapping[str, str]


@asynccontextmanager
async def arena(stack: Stack) -> AsyncIterator[Arena]:
    """Take the stack over: everything but the broker is stopped, and the collector gets a topic."""
    left = leave_the_broker(stack)
    partitions = await _create_topic(left.kafka)
    yield Arena(stack.data_dir, left.process, left.kafka, partitions, gateway_environment(left.environment))


def write_requests(folder: Path, requests: Iterable[bytes]) -> Path:
    """A folder of requests, `0.http` and so on."""
    folder.mkdir(parents=True)
    for number, request in enumerate(requests):
        (folder / f"{number}.http").write_bytes(request)
    return folder


def collector_request(agent: Agent, events: int) -> bytes:
    """What an agent sends to the collector."""
    return http_request("127.0.0.1", COLLECTOR_PATH, {}, collector_body(agent.agent_id, events, seed=_SEED))


def gateway_request(agent: Agent, events: int) -> bytes:
    """What an agent sends to the gateway: a body of as many bytes as the collector gets."""
    size = len(collector_body(agent.agent_id, events, seed=_SEED))
    headers = {"Authorization": f"Bearer {agent.api_key}"}
    body = gateway_body(agent.agent_id, events, seed=_SEED, size=size)
    return http_request("127.0.0.1", GATEWAY_PATH, headers, body)


def gateway_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The gateways of older checkouts know no variable but this one."""
    return {**environment, KAFKA_URL: environment[kafka_url_variable(Service.GATEWAY)]}


async def _create_topic(address: KafkaAddress) -> int:
    """The collector's topic, with the partitions and the settings of ours; returns how many partitions."""
    admin = kafka.admin(address, client_id="bench-gateway")
    await admin.start()
    try:
        partitions = (await partition_counts(admin, [Topic.TELEMETRY]))[Topic.TELEMETRY]
        config = TOPICS[Topic.TELEMETRY].config
        await admin.create_topics([NewTopic(COLLECTOR_TOPIC, partitions, 1, topic_configs=dict(config))])
    finally:
        await admin.close()
    return partitions
