"""Erasures through the running query API; what they do to rows is in tests/integration/test_erasure.py."""

import pytest

from schemas.operators import Role
from tests.query_api.api_process import TENANT_ADMIN, TOKENS, QueryApiProcess

pytestmark = pytest.mark.integration

ALL = "/api/v1/erasures"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_erasures_are_for_admins(query_api: QueryApiProcess, role: Role) -> None:
    with query_api.client(TOKENS[role]) as client:
        answers = [client.get(ALL), client.post(ALL, json={"agent_id": "x"}), client.get(f"{ALL}/x")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_an_admin_erases_in_their_own_tenant_only(query_api: QueryApiProcess) -> None:
    with query_api.client(TENANT_ADMIN) as client:
        assert client.post(ALL, json={"agent_id": "x"}, params={"tenant": "other"}).status_code == 403
        assert client.get(f"{ALL}/unknown").status_code == 404
        assert client.post(ALL, json={"agent_id": "x", "value": "bob@example.com"}).status_code == 422
        asked = client.post(ALL, json={"value": "nobody-has-said-this", "reason": "test"})
        assert asked.status_code == 202
        assert asked.json()["tenant_id"] == "acme"
        assert client.get(asked.headers["location"]).json()["reason"] == "test"
    with query_api.client() as client:
        listed = client.get(ALL, params={"tenant": "other"}).json()["erasures"]
    assert asked.json()["erasure_id"] not in {erasure["erasure_id"] for erasure in listed}
