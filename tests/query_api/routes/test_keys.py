"""Keys: several for an agent, listed without their texts, revoked for good."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.permissions import DEFAULT_PERMISSIONS
from tests.query_api.api_process import TENANT_ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration


def create_agent(query_api: QueryApiProcess, name: str) -> str:
    with query_api.client() as client:
        answer = client.post("/api/v1/agents", json={"agent_id": name})
    assert answer.status_code == 201, answer.text
    return f"/api/v1/agents/{name}/keys"


def test_keys_overlap_and_their_texts_are_shown_once(query_api: QueryApiProcess) -> None:
    path = create_agent(query_api, "rotating")
    with query_api.client() as client:
        created = client.post(path, json={"permissions": ["logs.write"]})
        assert created.status_code == 201
        listed = client.get(path)
    second = created.json()
    assert second["api_key"].startswith("promethios_rotating_")
    assert second["permissions"] == ["logs.write"]
    assert [key["key_id"] for key in listed.json()["keys"]][1:] == [second["key_id"]]
    assert "api_key" not in listed.text
    assert "hash" not in listed.text


def test_a_key_without_wishes_may_do_all_but_read(query_api: QueryApiProcess) -> None:
    path = create_agent(query_api, "plain")
    with query_api.client() as client:
        bare = client.post(path)
        empty = client.post(path, json={})
    assert bare.status_code == empty.status_code == 201
    assert set(bare.json()["permissions"]) == set(empty.json()["permissions"]) == set(DEFAULT_PERMISSIONS)
    assert bare.json()["expires_at"] is None


def test_a_key_may_expire_in_the_future_only(query_api: QueryApiProcess) -> None:
    path = create_agent(query_api, "expiring")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with query_api.client() as client:
        good = client.post(path, json={"expires_at": tomorrow.isoformat()})
        past = client.post(path, json={"expires_at": "2020-01-01T00:00:00Z"})
    assert good.json()["expires_at"][:16] == tomorrow.isoformat()[:16]
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "expires_at")


@pytest.mark.parametrize(
    "body", [{"permissions": []}, {"permissions": ["root"]}, {"expires": "2030-01-01T00:00:00Z"}]
)
def test_bad_wishes_are_refused(query_api: QueryApiProcess, body: dict[str, object]) -> None:
    path = "/api/v1/agents/rotating/keys"
    with query_api.client() as client:
        assert client.post(path, json=body).status_code in {404, 422}


def test_revoking_is_for_good_and_may_be_repeated(query_api: QueryApiProcess) -> None:
    path = create_agent(query_api, "revoked")
    with query_api.client() as client:
        [key] = client.get(path).json()["keys"]
        first = client.delete(f"{path}/{key['key_id']}")
        assert (first.status_code, first.content) == (204, b"")
        assert "x-promethios-control-offsets" in first.headers
        [revoked] = client.get(path).json()["keys"]
        second = client.delete(f"{path}/{key['key_id']}")
        assert second.status_code == 204
        assert "x-promethios-control-offsets" not in second.headers
        [again] = client.get(path).json()["keys"]
    assert revoked["revoked_at"] is not None
    assert again == revoked


def test_only_an_agents_own_keys_can_be_revoked(query_api: QueryApiProcess) -> None:
    first, second = create_agent(query_api, "owner"), create_agent(query_api, "thief")
    with query_api.client() as client:
        [key] = client.get(first).json()["keys"]
        assert client.delete(f"{second}/{key['key_id']}").status_code == 404
        assert client.delete(f"{first}/nothing").status_code == 404
    with query_api.client(TENANT_ADMIN) as other:
        assert other.delete(f"{first}/{key['key_id']}").status_code == 404
    with query_api.client(VIEWER) as viewer:
        assert viewer.delete(f"{first}/{key['key_id']}").status_code == 403
        assert viewer.get(first).status_code == 200
