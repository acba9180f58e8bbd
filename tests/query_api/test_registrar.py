"""Agents and keys on a real broker: what is written, in which order, and what a lost broker means."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiokafka.errors import KafkaError

from query_api import errors
from query_api.directory import Directory
from query_api.registrar import Registrar
from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.control import CONTROL_TYPES
from schemas.identity import AgentRef, hash_secret
from schemas.permissions import Permission
from schemas.topics import Topic

pytestmark = pytest.mark.integration


class BrokenWriter(ControlWriter):
    """A writer whose broker went away."""

    async def put(self, topic: str, key: str, data: msgspec.Struct, *, replaces: int = 0) -> int:
        raise KafkaError(f"{topic} {key} {data} {replaces}")


@asynccontextmanager
async def connected(address: KafkaAddress) -> AsyncIterator[tuple[Registrar, Directory, ControlReader]]:
    directory = Directory()
    types: dict[str, type[msgspec.Struct]] = {str(topic): data for topic, data in CONTROL_TYPES.items()}
    reader = ControlReader(address, types, "test-registrar")
    reader.subscribe(directory.apply)
    writer = ControlWriter(address, reader, "test-registrar")
    try:
        await reader.start()
        await writer.start()
        yield Registrar(directory, reader, writer), directory, reader
    finally:
        await writer.stop()
        await reader.stop()


@pytest.fixture
def ref() -> AgentRef:
    return AgentRef(f"tenant-{uuid.uuid4().hex}", "scout")


async def test_a_new_agent_is_known_when_the_call_returns(control_kafka: KafkaAddress, ref: AgentRef) -> None:
    async with connected(control_kafka) as (registrar, directory, reader):
        created = await registrar.create_agent(ref)
        assert directory.has_tenant(ref.tenant_id)
        assert directory.agent(ref) == created.agent
        assert list(directory.keys(ref)) == [created.key]
        assert created.key.key_hash == hash_secret(created.api_key)
        assert created.key.governance_id == created.agent.governance_id
        assert set(created.offsets) == {Topic.TENANTS, Topic.AGENTS, Topic.API_KEYS}
        assert all(reader.applied[topic] > offset for topic, offset in created.offsets.items())


async def test_the_second_agent_finds_its_tenant(control_kafka: KafkaAddress, ref: AgentRef) -> None:
    async with connected(control_kafka) as (registrar, _, _):
        await registrar.create_agent(ref)
        second = await registrar.create_agent(AgentRef(ref.tenant_id, "second"))
        assert Topic.TENANTS not in second.offsets


async def test_of_many_who_ask_one_process_at_once_one_succeeds(
    control_kafka: KafkaAddress, ref: AgentRef
) -> None:
    async with connected(control_kafka) as (registrar, directory, _):
        asked = (registrar.create_agent(ref) for _ in range(5))
        results = await asyncio.gather(*asked, return_exceptions=True)
        [created] = [result for result in results if not isinstance(result, BaseException)]
        assert [r.kind for r in results if isinstance(r, ProblemError)] == [errors.CONFLICT] * 4
        assert directory.agent(ref) == created.agent


async def test_of_two_processes_that_create_it_at_once_one_succeeds(
    control_kafka: KafkaAddress, ref: AgentRef
) -> None:
    async with connected(control_kafka) as (one, first, _), connected(control_kafka) as (other, second, _):
        results = await asyncio.gather(one.create_agent(ref), other.create_agent(ref), return_exceptions=True)
        problems = [result for result in results if isinstance(result, ProblemError)]
        assert [problem.kind for problem in problems] == [errors.CONFLICT]
        assert first.agent(ref) == second.agent(ref)


async def test_a_key_of_a_process_can_be_revoked_by_another(
    control_kafka: KafkaAddress, ref: AgentRef
) -> None:
    async with connected(control_kafka) as (one, _, _):
        created = await one.create_agent(ref)
    async with connected(control_kafka) as (other, directory, _):
        key = directory.key(ref, created.key.key_id)
        assert key is not None
        assert set(await other.revoke_key(key)) == {Topic.API_KEYS}
        revoked = directory.key(ref, key.key_id)
        assert revoked is not None
        assert revoked.revoked_at is not None
        assert await other.revoke_key(revoked) == {}


async def test_without_a_broker_the_outcome_is_unknown(control_kafka: KafkaAddress, ref: AgentRef) -> None:
    async with connected(control_kafka) as (registrar, _, reader):
        created = await registrar.create_agent(ref)
        directory = Directory()
        writer = BrokenWriter(control_kafka, reader, "test-broken")
        with pytest.raises(ProblemError) as unknown:
            await Registrar(directory, reader, writer).create_key(created.agent, tuple(Permission), None)
        await writer.stop()
        assert unknown.value.kind is errors.KAFKA_AWAY
