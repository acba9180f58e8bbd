"""The admin's record is put once, and replaced when the token is another one."""

import pytest

from infra.kafka.operators import ensure_admin, is_in_force
from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from schemas.control import Operator, Role

ADMIN = Operator(operator_id="admin", token_hash="a" * 64, role=Role.ADMIN, created_at=1)


@pytest.mark.parametrize(
    ("current", "in_force"),
    [
        (ADMIN, True),
        (Operator(operator_id="admin", token_hash="a" * 64, role=Role.ADMIN, created_at=2), True),
        (Operator(operator_id="admin", token_hash="b" * 64, role=Role.ADMIN, created_at=1), False),
        (Operator(operator_id="admin", token_hash="a" * 64, role=Role.VIEWER, created_at=1), False),
        (
            Operator(
                operator_id="admin", token_hash="a" * 64, role=Role.ADMIN, created_at=1, tenant_id="default"
            ),
            False,
        ),
        (None, False),
    ],
)
def test_only_the_same_rights_under_the_same_token_are_in_force(current: object, in_force: bool) -> None:
    assert is_in_force(current, ADMIN) is in_force


@pytest.mark.integration
async def test_the_record_is_put_once_for_each_token(kafka_address: KafkaAddress) -> None:
    await ensure_topics(kafka_address, 4)
    assert await ensure_admin(kafka_address, "first token")
    assert not await ensure_admin(kafka_address, "first token")
    assert await ensure_admin(kafka_address, "second token")
    assert not await ensure_admin(kafka_address, "second token")
