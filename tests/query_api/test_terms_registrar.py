"""What holds of everything that a tenant has under names of its own, with defaults among them."""

import uuid
from collections.abc import AsyncIterator

import pytest

from query_api import errors
from query_api.records import Records
from query_api.terms_registrar import Kind, TermsRegistrar
from runtime.problems import ErrorKind, ProblemError
from runtime.settings import KafkaAddress
from schemas.policy import Policy, PolicyTerms
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration

ONE, TWO = (PolicyTerms(description=text) for text in ("one", "two"))
KIND = Kind(Policy, "a thing", "things", 2, PolicyTerms(), lambda name: name == "given")


class Things(TermsRegistrar[Policy, PolicyTerms]):
    """Of which one is given from the start."""

    def __init__(self, records: Records, count: int = 0) -> None:
        super().__init__(KIND, records, lambda _: count)


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid.uuid4().hex}"


def given(tenant: str) -> Policy:
    """As it is before anybody changes it."""
    return Policy(tenant, "given", 0, ONE, 0, "", 0, "", deleted=True)


def kind_of(error: pytest.ExceptionInfo[ProblemError]) -> ErrorKind:
    return error.value.kind


async def test_a_default_is_changed_without_being_created_and_is_back_when_that_is_deleted(
    process: Process, tenant: str
) -> None:
    things = Things(process.records)
    with pytest.raises(ProblemError, match="There is a thing given already") as exists:
        await things.create(tenant, "given", TWO, by="ada")
    assert kind_of(exists) is errors.CONFLICT
    changed, offsets = await things.replace(given(tenant), TWO, by="ada", version=0)
    assert (changed.version, changed.terms, changed.deleted, len(offsets)) == (1, TWO, False, 1)
    with pytest.raises(ProblemError, match="Its version is 1 by now"):
        await things.replace(given(tenant), ONE, by="ada", version=0)
    await things.delete(changed, by="ada")
    again, _ = await things.replace(given(tenant), TWO, by="bob", version=0)
    assert (again.version, again.created_by) == (3, "bob")


async def test_what_was_deleted_is_not_changed(process: Process, tenant: str) -> None:
    things = Things(process.records)
    thing, _ = await things.create(tenant, "own", ONE, by="ada")
    await things.delete(thing, by="ada")
    with pytest.raises(ProblemError, match="There is no own any more") as gone:
        await things.replace(thing, TWO, by="ada", version=None)
    assert kind_of(gone) is errors.NOT_FOUND


async def test_there_is_an_end(process: Process, tenant: str) -> None:
    with pytest.raises(ProblemError, match="has 2 things"):
        await Things(process.records, 2).create(tenant, "own", ONE, by="ada")
