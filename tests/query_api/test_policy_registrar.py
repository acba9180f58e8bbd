"""Policies on a real broker: versions count on, of two writers at once neither loses its change unseen."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from query_api import errors
from runtime.problems import ErrorKind, ProblemError
from runtime.settings import KafkaAddress
from schemas.policy import Policy, PolicyTerms
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration

ONE, TWO, THREE = (PolicyTerms(description=text) for text in ("one", "two", "three"))


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid.uuid4().hex}"


async def created(process: Process, tenant: str, terms: PolicyTerms = ONE) -> Policy:
    policy, _ = await process.policies.create(tenant, "build", terms, by="ada")
    return policy


def kind_of(error: pytest.ExceptionInfo[ProblemError]) -> ErrorKind:
    return error.value.kind


async def test_versions_count_changes_and_go_on_after_a_deletion(process: Process, tenant: str) -> None:
    first = await created(process, tenant)
    assert (first.version, first.created_by, first.changed_by) == (1, "ada", "ada")
    second, offsets = await process.policies.replace(first, TWO, by="bob", version=1)
    assert (second.version, second.terms, second.created_by, second.changed_by) == (2, TWO, "ada", "bob")
    assert second.created_at == first.created_at <= second.changed_at
    assert len(offsets) == 1
    assert await process.policies.replace(second, TWO, by="eve", version=None) == (second, {})
    await process.policies.delete(second, by="bob")
    assert process.directory.policies(tenant) == []
    assert await process.policies.delete(second, by="bob") == {}
    again = await created(process, tenant)
    assert (again.version, again.created_at >= second.changed_at) == (4, True)
    assert process.directory.policy(tenant, "build") == again


async def test_what_does_not_fit_what_exists_is_refused(process: Process, tenant: str) -> None:
    policy = await created(process, tenant)
    with pytest.raises(ProblemError) as twice:
        await created(process, tenant, TWO)
    assert kind_of(twice) is errors.CONFLICT
    with pytest.raises(ProblemError, match="Its version is 1 by now") as outdated:
        await process.policies.replace(policy, TWO, by="ada", version=7)
    assert kind_of(outdated) is errors.CONFLICT
    await process.policies.delete(policy, by="ada")
    with pytest.raises(ProblemError) as gone:
        await process.policies.replace(policy, TWO, by="ada", version=None)
    assert kind_of(gone) is errors.NOT_FOUND


async def test_of_two_changes_of_one_version_one_is_refused(
    process: Process, control_kafka: KafkaAddress, tenant: str
) -> None:
    policy = await created(process, tenant)
    async with connected(control_kafka) as other:
        answers = await asyncio.gather(
            process.policies.replace(policy, TWO, by="ada", version=1),
            other.policies.replace(policy, THREE, by="bob", version=1),
            return_exceptions=True,
        )
        (refused,) = (answer for answer in answers if isinstance(answer, ProblemError))
        (done,) = (answer for answer in answers if not isinstance(answer, BaseException))
    assert refused.kind is errors.CONFLICT
    assert done[0].version == 2


async def test_a_tenant_has_so_many_policies_and_no_more(
    process: Process, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.policies, "_kind", process.policies._kind._replace(most=1))
    await created(process, tenant)
    with pytest.raises(ProblemError, match="has 1 policies"):
        await process.policies.create(tenant, "another", ONE, by="ada")
