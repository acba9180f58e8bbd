"""Agents on a real broker: what is written, in which order, and what happens when two do it at once."""

import asyncio
import uuid

import msgspec
import pytest

from query_api import errors
from query_api.erasing.agents import AgentEnding
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


async def test_an_agent_is_suspended_once_and_resumed_once(
    control_kafka: KafkaAddress, ref: AgentRef
) -> None:
    async with connected(control_kafka) as process:
        await process.registrar.create_agent(ref, by="ada", labels={"team": "x"})
        agent = process.directory.agent(ref)
        assert agent is not None
        assert await process.registrar.resume(agent, by="ada") == (agent, {})
        suspended, offsets = await process.registrar.suspend(agent, "a reason", by="ada")
        assert set(offsets) == {Topic.AGENTS}
        assert process.directory.agent(ref) == suspended
        assert process.directory.suspended(ref.tenant_id) == {ref.agent_id}
        assert await process.registrar.suspend(agent, "another", by="bob") == (suspended, {})
        resumed, _ = await process.registrar.resume(agent, by="bob")
        assert process.directory.suspended(ref.tenant_id) == frozenset()
    assert suspended.suspension is not None
    assert resumed.suspension is not None
    assert (suspended.is_suspended, suspended.labels) == (True, {"team": "x"})
    assert (resumed.suspension.reason, resumed.suspension.suspended_by) == ("a reason", "ada")
    assert (resumed.is_suspended, resumed.suspension.resumed_by) == (False, "bob")


async def test_an_agent_that_is_being_erased_is_neither_suspended_nor_resumed(
    control_kafka: KafkaAddress, ref: AgentRef
) -> None:
    async with connected(control_kafka) as process:
        await process.registrar.create_agent(ref, by="ada")
        agent = process.directory.agent(ref)
        assert agent is not None
        await process.registrar.suspend(agent, "a reason", by="ada")
        await AgentEnding(process.reader.state, process.records, process.keys).revoke(ref, by="ada")
        for change in (
            process.registrar.suspend(agent, "a reason", by="ada"),
            process.registrar.resume(agent, by="ada"),
        ):
            with pytest.raises(ProblemError) as refused:
                await change
            assert refused.value.kind is errors.NOT_FOUND
        entry = process.reader.state.get(Topic.AGENTS, ref.key)
        assert entry is not None
        assert b"a reason" not in msgspec.json.encode(entry.data)
