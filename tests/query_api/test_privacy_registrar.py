"""Policies on a real broker: the key comes with the first, stays, and is there before an agent needs it."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import msgspec
import pytest

from runtime.settings import KafkaAddress
from schemas.identity import AgentRef
from schemas.privacy import PrivacyMode, PrivacyPolicy
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid.uuid4().hex}"


def hashing(policy: PrivacyPolicy) -> PrivacyPolicy:
    return msgspec.structs.replace(policy, personal_data=PrivacyMode.HASH)


def masking(policy: PrivacyPolicy) -> PrivacyPolicy:
    return msgspec.structs.replace(policy, personal_data=PrivacyMode.MASK)


def known(process: Process, tenant: str) -> PrivacyPolicy:
    policy = process.directory.privacy_of_tenant(tenant)
    assert policy is not None
    return policy


async def test_a_tenants_key_is_made_once_and_kept(process: Process, tenant: str) -> None:
    await process.privacy.change_tenant(tenant, hashing)
    key = known(process, tenant).hash_key
    assert len(bytes.fromhex(key)) == 32
    await process.privacy.change_tenant(tenant, masking)
    assert known(process, tenant) == PrivacyPolicy(tenant, personal_data=PrivacyMode.MASK, hash_key=key)


async def test_two_tenants_have_two_keys(process: Process, tenant: str) -> None:
    await process.privacy.change_tenant(tenant, hashing)
    await process.privacy.change_tenant(f"{tenant}-2", hashing)
    assert known(process, tenant).hash_key != known(process, f"{tenant}-2").hash_key


async def test_an_agent_that_hashes_finds_its_tenants_key(process: Process, tenant: str) -> None:
    ref = AgentRef(tenant, "scout")
    offsets = await process.privacy.change_agent(ref, hashing)
    assert len(offsets) == 1
    assert known(process, tenant).hash_key
    assert process.directory.privacy_of_agent(ref) == PrivacyPolicy(
        tenant, "scout", personal_data=PrivacyMode.HASH
    )
    # The key is in the log before the policy that needs it.
    assert await process.privacy.change_agent(ref, hashing) == {}


async def test_of_two_first_policies_one_keys_wins(
    process: Process, control_kafka: KafkaAddress, tenant: str
) -> None:
    async with connected(control_kafka) as other:
        await asyncio.gather(
            process.privacy.change_tenant(tenant, hashing),
            other.privacy.change_agent(AgentRef(tenant, "scout"), hashing),
        )
        await asyncio.gather(
            process.privacy.change_tenant(tenant, masking),
            other.privacy.change_tenant(tenant, hashing),
        )
        async with connected(control_kafka) as later:
            key = known(later, tenant).hash_key
    assert key
