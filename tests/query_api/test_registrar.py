"""Agents on a real broker: what is written, in which order, and what happens when two do it at once."""

import asyncio
import uuid

import pytest

from query_api import errors
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.identity import AgentRef, hash_secret
from schemas.topics import Topic
from tests.query_api.registrars import connected

pytestmark = pytest.mark.integration


@pytest.fixture
def ref() -> AgentRef:
    return AgentRef(f"tenant-{uuid.uuid4().hex}", "scout")


async def test_a_new_agent_is_known_when_the_call_returns(control_kafka: KafkaAddress, ref: AgentRef) -> None:
    async with connected(control_kafka) as process:
        created = await process.registrar.create_agent(ref, by="ada")
        agent = process.directory.agent(ref)
        assert agent is not None
        assert process.directory.has_tenant(ref.tenant_id)
        assert list(process.directory.keys(ref)) == [created.key]
        assert created.key.key_hash == hash_secret(created.api_key)
        assert (created.key.governance_id, created.key.created_by) == (agent.governance_id, "ada")
        assert set(created.offsets) == {Topic.TENANTS, Topic.AGENTS, Topic.API_KEYS}
        assert all(process.reader.applied[topic] > offset for topic, offset in created.offsets.items())


async def test_the_second_agent_finds_its_tenant(control_kafka: KafkaAddress, ref: AgentRef) -> None:
    async with connected(control_kafka) as process:
        await process.registrar.create_agent(ref, by="ada")
        second = await process.registrar.create_agent(AgentRef(ref.tenant_id, "second"), by="ada")
        assert Topic.TENANTS not in second.offsets


async def test_of_many_who_ask_one_process_at_once_one_succeeds(
    control_kafka: KafkaAddress, ref: AgentRef
) -> None:
    async with connected(control_kafka) as process:
        asked = (process.registrar.create_agent(ref, by="ada") for _ in range(5))
        results = await asyncio.gather(*asked, return_exceptions=True)
        [created] = [result for result in results if not isinstance(result, BaseException)]
        assert [r.kind for r in results if isinstance(r, ProblemError)] == [errors.CONFLICT] * 4
        assert list(process.directory.keys(ref)) == [created.key]


async def test_of_two_processes_that_create_it_at_once_one_succeeds(
    control_kafka: KafkaAddress, ref: AgentRef
) -> None:
    async with connected(control_kafka) as one, connected(control_kafka) as other:
        results = await asyncio.gather(
            one.registrar.create_agent(ref, by="ada"),
            other.registrar.create_agent(ref, by="bob"),
            return_exceptions=True,
        )
        problems = [result for result in results if isinstance(result, ProblemError)]
        assert [problem.kind for problem in problems] == [errors.CONFLICT]
        assert one.directory.agent(ref) == other.directory.agent(ref)
