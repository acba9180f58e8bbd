"""Keys on a real broker: created, changed, rotated and revoked, by several at once too."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from query_api import errors
from query_api.key_registrar import KeyWish, retired, successor_of
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.control import Agent, ApiKey
from schemas.identity import AgentRef, hash_secret
from schemas.permissions import Permission
from schemas.topics import Topic
from tests.query_api.registrars import Process, connected

HOUR = 3_600_000
KEY = ApiKey("k1", "acme", "scout", "gov-1", "hash", (Permission.LOGS_WRITE,), 5, name="n")


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


@pytest.fixture
def agent() -> Agent:
    return Agent(f"tenant-{uuid.uuid4().hex}", "scout", "gov-1", 1)


def known(process: Process, key: ApiKey) -> ApiKey:
    found = process.directory.key(AgentRef(key.tenant_id, key.agent_id), key.key_id)
    assert found is not None
    return found


def test_a_successor_may_do_the_same_for_as_long_as_its_predecessor_was_made_for() -> None:
    ageless = successor_of(KEY, 100, by="ada")
    assert (ageless.permissions, ageless.name, ageless.expires_at) == (KEY.permissions, "n", None)
    assert (ageless.rotated_from, ageless.created_by, ageless.created_at) == ("k1", "ada", 100)
    assert ageless.key_id != "k1"
    rotated = retired(ApiKey("k1", "a", "s", "g", "h", (), 5, expires_at=1005, lifetime_ms=1000), until=200)
    assert successor_of(rotated, 100, by="ada").expires_at == 1100


def test_a_rotated_key_gets_no_more_time_than_it_had() -> None:
    once = retired(KEY, until=200)
    assert once.expires_at == 200
    assert retired(once, until=300) == once
    assert retired(once, until=100).expires_at == 100


@pytest.mark.integration
async def test_a_key_is_as_it_was_wished_for(process: Process, agent: Agent) -> None:
    wish = KeyWish(name="ci", permissions=(Permission.LOGS_READ,), allowed_networks=("10.0.0.0/8",))
    created = await process.keys.create(agent, wish, by="ada")
    key = known(process, created.key)
    assert (key.name, key.permissions, key.allowed_networks) == ("ci", wish.permissions, ("10.0.0.0/8",))
    assert (key.created_by, key.expires_at, key.lifetime_ms) == ("ada", None, None)
    assert key.key_hash == hash_secret(created.api_key)
    assert process.reader.applied[Topic.API_KEYS] > created.offsets[Topic.API_KEYS]


@pytest.mark.integration
async def test_rotation_overlaps_and_may_be_repeated(process: Process, agent: Agent) -> None:
    first = (await process.keys.create(agent, KeyWish(name="ci"), by="ada")).key
    created, rotated = await process.keys.rotate(first, overlap_ms=HOUR, by="bob")
    assert known(process, first) == rotated
    assert rotated.expires_at is not None
    assert 0 <= rotated.expires_at - created.key.created_at - HOUR < 10_000
    successor = known(process, created.key)
    assert (successor.name, successor.rotated_from, successor.created_by) == ("ci", first.key_id, "bob")
    again, kept = await process.keys.rotate(first, overlap_ms=2 * HOUR, by="bob")
    assert kept == rotated
    assert len({first.key_hash, successor.key_hash, again.key.key_hash}) == 3
    _, ended = await process.keys.rotate(first, overlap_ms=0, by="bob")
    assert ended.expires_at is not None
    assert ended.expires_at <= again.key.created_at + 10_000


@pytest.mark.integration
async def test_of_rotations_by_two_processes_at_once_each_makes_a_key(
    control_kafka: KafkaAddress, process: Process, agent: Agent
) -> None:
    async with connected(control_kafka) as other:
        first = await process.keys.create(agent, KeyWish(), by="ada")
        await other.reader.wait_for(Topic.API_KEYS, first.offsets[Topic.API_KEYS], timeout=60)
        rotating = (p.keys.rotate(first.key, overlap_ms=HOUR, by="ada") for p in (process, other))
        results = await asyncio.gather(*rotating)
        last = max(created.offsets.get(Topic.API_KEYS, 0) for created, _ in results)
        await process.reader.wait_for(Topic.API_KEYS, last, timeout=60)
        expiries = {known(process, first.key).expires_at, *(rotated.expires_at for _, rotated in results)}
        assert None not in expiries
        assert len(list(process.directory.keys(AgentRef(agent.tenant_id, "scout")))) == 3


@pytest.mark.integration
async def test_a_key_of_a_process_is_revoked_by_another_whatever_else_changes(
    control_kafka: KafkaAddress, process: Process, agent: Agent
) -> None:
    async with connected(control_kafka) as other:
        created = await process.keys.create(agent, KeyWish(), by="ada")
        await other.reader.wait_for(Topic.API_KEYS, created.offsets[Topic.API_KEYS], timeout=60)
        offsets, _ = await asyncio.gather(
            other.keys.revoke(created.key, by="bob"),
            process.keys.change(created.key, {"name": "renamed"}),
            return_exceptions=True,
        )
        assert isinstance(offsets, dict)
        revoked = known(other, created.key)
        assert revoked.revoked_at is not None
        assert revoked.revoked_by == "bob"
        assert await other.keys.revoke(revoked, by="eve") == {}


@pytest.mark.integration
async def test_what_is_changed_stays_changed_and_the_rest_as_it_was(process: Process, agent: Agent) -> None:
    key = (await process.keys.create(agent, KeyWish(name="ci"), by="ada")).key
    await process.keys.change(key, {"allowed_networks": ("10.0.0.0/8",)})
    # Told from the key as it was when it was created, and yet nothing is lost.
    changed, _ = await process.keys.change(key, {"expires_at": key.created_at + HOUR})
    assert changed == known(process, key)
    assert (changed.name, changed.allowed_networks, changed.lifetime_ms) == ("ci", ("10.0.0.0/8",), HOUR)
    endless, _ = await process.keys.change(key, {"expires_at": None})
    assert (endless.expires_at, endless.lifetime_ms) == (None, None)


@pytest.mark.integration
async def test_a_revoked_key_is_neither_changed_nor_rotated(process: Process, agent: Agent) -> None:
    key = (await process.keys.create(agent, KeyWish(), by="ada")).key
    await process.keys.revoke(key, by="ada")
    revoked = known(process, key)
    for asking in (
        process.keys.change(revoked, {"name": "x"}),
        process.keys.rotate(revoked, overlap_ms=HOUR, by="ada"),
    ):
        with pytest.raises(ProblemError) as refused:
            await asking
        assert refused.value.kind is errors.CONFLICT
    assert list(process.directory.keys(AgentRef(agent.tenant_id, "scout"))) == [revoked]
