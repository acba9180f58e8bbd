"""Keys: several for an agent, listed without their texts, changed, rotated, revoked for good."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.key_usage import KeyUse
from schemas.permissions import DEFAULT_PERMISSIONS
from schemas.topics import Topic
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
    assert created.headers["cache-control"] == "no-store"
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


def test_a_key_is_described_as_it_was_wished_for(query_api: QueryApiProcess) -> None:
    path = create_agent(query_api, "described")
    wish = {
        "name": "build agents, Frankfurt",
        "permissions": ["logs.read", "logs.write", "logs.read"],
        "allowed_networks": ["203.0.113.7", "2001:DB8::/32", "203.0.113.7/32"],
    }
    with query_api.client() as client:
        created = client.post(path, json=wish).json()
        listed = client.get(path).json()["keys"][1]
    assert {name: created[name] for name in listed} == listed
    assert listed["name"] == wish["name"]
    assert listed["permissions"] == ["logs.read", "logs.write"]
    assert listed["allowed_networks"] == ["203.0.113.7/32", "2001:db8::/32"]
    assert listed["created_by"] == "tests-admin"
    assert (listed["last_used_at"], listed["revoked_by"], listed["rotated_from"]) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"permissions": []}, "permissions"),
        ({"permissions": ["root"]}, "permissions.0"),
        ({"expires": "2030-01-01T00:00:00Z"}, "expires"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"allowed_networks": ["here"]}, "allowed_networks.0"),
        ({"allowed_networks": ["10.1.2.3/8"]}, "allowed_networks.0"),
        ({"allowed_networks": ["10.0.0.1"] * 101}, "allowed_networks"),
    ],
)
def test_bad_wishes_are_refused_by_field(
    query_api: QueryApiProcess, body: dict[str, object], field: str
) -> None:
    path = "/api/v1/agents/wishes/keys"
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "wishes"})
        key_id = client.get(path).json()["keys"][0]["key_id"]
        for answer in (client.post(path, json=body), client.patch(f"{path}/{key_id}", json=body)):
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_change_leaves_the_rest_as_it_is(query_api: QueryApiProcess) -> None:
    path = create_agent(query_api, "changed")
    with query_api.client() as client:
        [before] = client.get(path).json()["keys"]
        answer = client.patch(f"{path}/{before['key_id']}", json={"allowed_networks": ["10.0.0.0/8"]})
        assert answer.status_code == 200
        assert "x-promethios-control-offsets" in answer.headers
        assert answer.json() == before | {"allowed_networks": ["10.0.0.0/8"]}
        assert client.get(path).json()["keys"] == [answer.json()]
        same = client.patch(f"{path}/{before['key_id']}", json={})
        assert (same.status_code, same.json()) == (200, answer.json())
        assert "x-promethios-control-offsets" not in same.headers
        assert client.patch(f"{path}/{before['key_id']}", json={"permissions": None}).status_code == 422


@pytest.mark.parametrize(("body", "hours"), [(None, 24), ({}, 24), ({"overlap_seconds": 7200}, 2)])
def test_a_rotated_key_and_its_successor_overlap(
    query_api: QueryApiProcess, body: dict[str, int] | None, hours: int
) -> None:
    path = create_agent(query_api, f"rotated-{hours}-{body is None}")
    with query_api.client() as client:
        first = client.post(path, json={"name": "ci", "allowed_networks": ["10.0.0.0/8"]}).json()
        answer = client.post(f"{path}/{first['key_id']}/rotate", json=body)
        assert answer.status_code == 201, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "x-promethios-control-offsets" in answer.headers
        _, old, new = client.get(path).json()["keys"]
    made = answer.json()
    assert made["predecessor"] == old
    assert {name: made[name] for name in new} == new
    assert made["api_key"] != first["api_key"]
    assert new["rotated_from"] == old["key_id"]
    for same in ("name", "permissions", "allowed_networks", "expires_at"):
        assert new[same] == first[same]
    left = datetime.fromisoformat(old["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=hours) - timedelta(minutes=2) < left <= timedelta(hours=hours)


@pytest.mark.parametrize("body", [{"overlap_seconds": -1}, {"overlap_seconds": "x"}, {"overlap": 1}])
def test_a_bad_overlap_makes_no_key(query_api: QueryApiProcess, body: dict[str, object]) -> None:
    path = "/api/v1/agents/overlaps/keys"
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "overlaps"})
        [key] = client.get(path).json()["keys"]
        assert client.post(f"{path}/{key['key_id']}/rotate", json=body).status_code == 422
        assert client.get(path).json()["keys"] == [key]


def test_the_last_use_is_shown_as_the_gateways_tell_it(
    query_api: QueryApiProcess, control_kafka: KafkaAddress
) -> None:
    path = create_agent(query_api, "used")

    async def use(key_id: str) -> None:
        producer = kafka.producer(control_kafka, client_id="test")
        await producer.start()
        value = msgspec.json.encode(KeyUse(1_800_000_000_000))
        await producer.send_and_wait(Topic.KEY_USAGE, value, key=key_id.encode(), partition=0)
        await producer.stop()

    with query_api.client() as client:
        asyncio.run(use(client.get(path).json()["keys"][0]["key_id"]))
        deadline = time.monotonic() + 120
        while (shown := client.get(path).json()["keys"][0]["last_used_at"]) is None:
            assert time.monotonic() < deadline, query_api.log
            time.sleep(0.05)
    assert shown == "2027-01-15T08:00:00.000Z"


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
        changed = client.patch(f"{path}/{key['key_id']}", json={"name": "x"})
        rotated = client.post(f"{path}/{key['key_id']}/rotate")
        assert (changed.status_code, rotated.status_code) == (409, 409)
    assert revoked["revoked_at"] is not None
    assert revoked["revoked_by"] == "tests-admin"
    assert again == revoked


def test_only_an_agents_own_keys_can_be_touched_and_only_by_admins(query_api: QueryApiProcess) -> None:
    first, second = create_agent(query_api, "owner"), create_agent(query_api, "thief")
    with query_api.client() as client:
        [key] = client.get(first).json()["keys"]
        assert statuses(client, f"{second}/{key['key_id']}") == {404}
        assert statuses(client, f"{first}/nothing") == {404}
    with query_api.client(TENANT_ADMIN) as other:
        assert statuses(other, f"{first}/{key['key_id']}") == {404}
    with query_api.client(VIEWER) as viewer:
        assert statuses(viewer, f"{first}/{key['key_id']}") == {403}
        assert viewer.post(first).status_code == 403
        assert viewer.get(first).json()["keys"] == [key]


def statuses(client: httpx.Client, path: str) -> set[int]:
    """What all that writes a key answers."""
    return {
        client.delete(path).status_code,
        client.patch(path, json={"name": "x"}).status_code,
        client.post(f"{path}/rotate").status_code,
    }
