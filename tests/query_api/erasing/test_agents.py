"""An agent's records end in every process first, then for good; then its id is free."""

import time
import uuid

import pytest

from query_api.erasing.agents import AgentEnding
from query_api.key_registrar import KeyWish
from runtime.settings import KafkaAddress
from schemas.identity import AgentRef
from schemas.topics import Topic
from tests.query_api.registrars import connected

pytestmark = pytest.mark.integration


async def test_an_ended_agent_may_be_created_anew(control_kafka: KafkaAddress) -> None:
    ref = AgentRef("default", f"ended-{uuid.uuid4().hex[:8]}")
    async with connected(control_kafka) as process:
        first = await process.registrar.create_agent(ref, by="tests")
        agent = process.directory.agent(ref)
        assert agent is not None
        await process.keys.create(agent, KeyWish(), by="tests")
        ending = AgentEnding(process.reader.state, process.records, process.keys)
        for _ in range(2):
            await ending.revoke(ref, by="tests")
        assert process.directory.agent(ref) is None
        listed = process.directory.agents("default", after="", limit=10_000)
        assert ref.agent_id not in {found.agent_id for found in listed}
        assert process.directory.key_by_hash(first.key.key_hash) is None
        for _ in range(2):
            await ending.end(ref)
        state = process.reader.state
        assert state.get(Topic.AGENTS, ref.key) is None
        assert state.get(Topic.API_KEYS, first.key.key_id) is None
        again = await process.registrar.create_agent(ref, by="tests")
        assert again.key.created_at <= time.time_ns() // 1_000_000
    async with connected(control_kafka) as later:
        agent = later.directory.agent(ref)
        assert agent is not None
        assert agent.governance_id == again.key.governance_id
        assert later.directory.key_by_hash(first.key.key_hash) is None
