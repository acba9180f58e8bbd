"""Operators and tokens on a real broker; the last admin stays, whatever is tried."""

import asyncio
import time
import uuid
from collections.abc import Iterable

import msgspec
import pytest

from query_api import errors
from query_api.auth import authenticate
from query_api.operator_registrar import (
    MOST_FORMER_TOKENS,
    MOST_TOKENS,
    TokenWish,
    require_an_admin,
    with_token,
)
from runtime.problems import ErrorKind, ProblemError
from runtime.settings import KafkaAddress
from schemas.identity import hash_secret
from schemas.operators import Operator, OperatorToken, Role, administers, leaves_no_admin
from schemas.topics import Topic
from tests.query_api.registrars import Process, connected

NOW = 1_000
DAY = 86_400_000
TOKEN = OperatorToken("t1", "h1", 1)
EXPIRED = OperatorToken("t2", "h2", 1, expires_at=NOW)
ADMIN = Operator("ada", Role.ADMIN, 1, tokens=(TOKEN,))
WISH = TokenWish(name="laptop", lifetime_ms=DAY)


def other(**fields: object) -> Operator:
    return msgspec.structs.replace(ADMIN, **{"operator_id": "bob", **fields})


NO_ADMINS = [
    other(role=Role.OPERATOR),
    other(tenant_id="acme"),
    other(tokens=()),
    other(tokens=(EXPIRED,)),
    other(tokens=(msgspec.structs.replace(TOKEN, revoked_at=1),)),
]


@pytest.mark.parametrize("lesser", NO_ADMINS, ids=range(len(NO_ADMINS)))
def test_only_an_admin_of_all_tenants_with_a_token_administers(lesser: Operator) -> None:
    assert administers(ADMIN, NOW)
    assert not administers(lesser, NOW)
    spoilt = msgspec.structs.replace(lesser, operator_id="ada")
    with pytest.raises(ProblemError, match="last admin") as refused:
        require_an_admin([ADMIN, *NO_ADMINS], ADMIN, spoilt, NOW)
    assert refused.value.kind is errors.CONFLICT
    require_an_admin([ADMIN, other()], ADMIN, spoilt, NOW)


def test_who_was_no_admin_may_always_go() -> None:
    require_an_admin([], other(role=Role.VIEWER), other(tokens=()), NOW)


def test_tokens_in_force_are_bounded_and_former_ones_do_not_pile_up() -> None:
    operator = msgspec.structs.replace(ADMIN, tokens=())
    for number in range(3 * MOST_FORMER_TOKENS):
        token = OperatorToken(f"former-{number}", "h", 1, expires_at=NOW)
        operator = with_token(operator, token, NOW)
    for number in range(MOST_TOKENS):
        operator = with_token(operator, OperatorToken(f"good-{number}", "h", 1), NOW)
    names = [token.token_id for token in operator.tokens]
    assert names[-MOST_TOKENS - 1 :] == [
        f"former-{3 * MOST_FORMER_TOKENS - 1}",
        *(f"good-{number}" for number in range(MOST_TOKENS)),
    ]
    assert len(names) == MOST_TOKENS + MOST_FORMER_TOKENS
    with pytest.raises(ProblemError, match="revoke one first"):
        with_token(operator, OperatorToken("more", "h", 1), NOW)


def now() -> int:
    return time.time_ns() // 1_000_000


def wanted() -> Operator:
    return Operator(f"op-{uuid.uuid4().hex[:8]}", Role.VIEWER, now(), created_by="tests")


def kind_of(process: Process, token: str, at: int) -> ErrorKind | None:
    try:
        authenticate(token, process.directory, at)
    except ProblemError as error:
        return error.kind
    return None


@pytest.mark.integration
async def test_a_token_lives_from_its_making_to_its_end(control_kafka: KafkaAddress) -> None:
    async with connected(control_kafka) as process:
        issued = await process.operators.create(wanted(), WISH)
        assert issued.token.token_hash == hash_secret(issued.text)
        assert issued.token.expires_at == issued.token.created_at + DAY
        assert authenticate(issued.text, process.directory, now()).operator == issued.operator
        assert kind_of(process, issued.text, now() + DAY) is errors.UNAUTHENTICATED

        second = await process.operators.issue(issued.operator, WISH, by="tests")
        await process.operators.revoke(second.operator, issued.token.token_id, by="tests")
        assert await process.operators.revoke(second.operator, issued.token.token_id, by="tests") == {}
        assert kind_of(process, issued.text, now()) is errors.UNAUTHENTICATED
        assert kind_of(process, second.text, now()) is None
        await process.operators.remove(second.operator, by="tests")
        assert kind_of(process, second.text, now()) is errors.UNAUTHENTICATED


@pytest.mark.integration
async def test_a_rotated_token_overlaps_with_its_successor_and_gets_no_more_time(
    control_kafka: KafkaAddress,
) -> None:
    async with connected(control_kafka) as process:
        first = await process.operators.create(wanted(), WISH)
        name = first.token.token_id
        second = await process.operators.rotate(first.operator, name, overlap_ms=60_000, by="tests")
        assert second.token.rotated_from == name
        assert second.token.expires_at == second.token.created_at + DAY
        assert kind_of(process, first.text, now()) is kind_of(process, second.text, now()) is None
        assert kind_of(process, first.text, now() + 60_000) is errors.UNAUTHENTICATED
        third = await process.operators.rotate(second.operator, name, overlap_ms=2 * DAY, by="tests")
        assert kind_of(process, first.text, now() + 60_000) is errors.UNAUTHENTICATED
        assert kind_of(process, third.text, now()) is None
        await process.operators.revoke(third.operator, name, by="tests")
        with pytest.raises(ProblemError, match="revoked"):
            await process.operators.rotate(third.operator, name, overlap_ms=0, by="tests")
        with pytest.raises(ProblemError, match="no token"):
            await process.operators.rotate(third.operator, "none", overlap_ms=0, by="tests")


@pytest.mark.integration
async def test_an_id_is_one_operators_until_they_are_removed(control_kafka: KafkaAddress) -> None:
    async with connected(control_kafka) as process:
        operator = wanted()
        first = await process.operators.create(operator, WISH)
        with pytest.raises(ProblemError, match="choose another id"):
            await process.operators.create(operator, WISH)
        await process.operators.remove(first.operator, by="tests")
        with pytest.raises(ProblemError, match="was removed"):
            await process.operators.change(first.operator, {"role": Role.ADMIN})
        again = await process.operators.create(operator, WISH)
        assert kind_of(process, first.text, now()) is errors.UNAUTHENTICATED
        assert kind_of(process, again.text, now()) is None


@pytest.mark.integration
async def test_of_two_processes_that_create_one_operator_one_does(control_kafka: KafkaAddress) -> None:
    async with connected(control_kafka) as one, connected(control_kafka) as another:
        operator = wanted()
        tries = await asyncio.gather(
            *(process.operators.create(operator, WISH) for process in (one, another)), return_exceptions=True
        )
        [refused] = [found for found in tries if isinstance(found, ProblemError)]
        assert refused.kind is errors.CONFLICT


async def winners_are_last(process: Process) -> None:
    """Wait until whoever reads a compacted log finds what is in force."""
    async with asyncio.timeout(60):
        await process.reader.wait_until(lambda: not process.reader.state.overtaken)


@pytest.mark.integration
async def test_of_two_processes_that_remove_the_last_two_admins_one_does(control_kafka: KafkaAddress) -> None:
    """Neither is refused by what it has read, for there are other admins here: the log has to decide."""
    ids = {f"admin-{uuid.uuid4().hex[:8]}" for _ in range(2)}

    def leave_none_of_two(before: Operator, after: Operator, others: Iterable[Operator], at: int) -> bool:
        known = [other for other in others if other.operator_id in ids]
        return before.operator_id in ids and leaves_no_admin(before, after, known, at)

    voids = {Topic.OPERATORS.value: leave_none_of_two}
    async with connected(control_kafka, voids) as one, connected(control_kafka, voids) as another:
        issued = [
            await one.operators.create(Operator(name, Role.ADMIN, now(), created_by="tests"), WISH)
            for name in sorted(ids)
        ]
        await another.reader.wait_for(Topic.OPERATORS, issued[-1].offsets[Topic.OPERATORS], timeout=60)
        tries = await asyncio.gather(
            *(
                process.operators.remove(found.operator, by="tests")
                for process, found in zip((one, another), issued, strict=True)
            ),
            return_exceptions=True,
        )
        [refused] = [found for found in tries if isinstance(found, BaseException)]
        assert isinstance(refused, ProblemError)
        kept = {
            found.operator.operator_id for found, told in zip(issued, tries, strict=True) if told is refused
        }
        await asyncio.gather(winners_are_last(one), winners_are_last(another))
        async with connected(control_kafka, voids) as late:
            for process in (one, another, late):
                assert {found.operator_id for found in process.directory.operators()} & ids == kept
