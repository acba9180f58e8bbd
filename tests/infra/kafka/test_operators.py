"""The admin's record is put once, and replaced when the token is another one."""

import msgspec
import pytest

from infra.kafka.operators import ensure_admin, with_token
from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from schemas.identity import hash_secret
from schemas.operators import OperatorToken, Role

ADMIN = with_token(None, "secret", 1)
OWN = OperatorToken("t1", "a" * 64, 1)


def test_the_first_admin_may_do_all_in_every_tenant_for_ever() -> None:
    assert (ADMIN.role, ADMIN.tenant_id) == (Role.ADMIN, None)
    [token] = ADMIN.tokens
    assert (token.token_hash, token.expires_at) == (hash_secret("secret"), None)


def test_an_admin_who_is_as_wanted_stays_as_it_is() -> None:
    assert with_token(ADMIN, "secret", 2) == ADMIN


def test_another_token_takes_the_place_of_the_first_and_leaves_the_others() -> None:
    admin = msgspec.structs.replace(ADMIN, tokens=(*ADMIN.tokens, OWN))
    changed = with_token(admin, "other", 2)
    assert [token.token_hash for token in changed.tokens] == [hash_secret("other"), OWN.token_hash]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"role": Role.VIEWER},
        {"tenant_id": "default"},
        {"tokens": ()},
        {"tokens": (msgspec.structs.replace(ADMIN.tokens[0], revoked_at=1),)},
        {"tokens": (msgspec.structs.replace(ADMIN.tokens[0], expires_at=2),)},
        {"removed_at": 1, "removed_by": "ada", "tokens": ()},
    ],
    ids=str,
)
def test_whatever_became_of_the_admin_a_start_makes_it_good(spoilt: dict[str, object]) -> None:
    mended = with_token(msgspec.structs.replace(ADMIN, **spoilt), "secret", 2)
    assert (mended.role, mended.tenant_id, mended.removed_at) == (Role.ADMIN, None, None)
    assert [(t.token_hash, t.in_force(3)) for t in mended.tokens] == [(hash_secret("secret"), True)]


@pytest.mark.integration
async def test_the_record_is_put_once_for_each_token(kafka_address: KafkaAddress) -> None:
    await ensure_topics(kafka_address, 4)
    assert await ensure_admin(kafka_address, "first token")
    assert not await ensure_admin(kafka_address, "first token")
    assert await ensure_admin(kafka_address, "second token")
    assert not await ensure_admin(kafka_address, "second token")
