"""The client asks the routes by their names and reads what they answer."""

from infra.cli.privacy_client import PrivacyClient
from tests.infra.cli.test_operator_client import FakeClient

DONE = {
    **dict.fromkeys(("agent_id", "value_characters", "up_to")),
    "erasure_id": "e1",
    "tenant_id": "acme",
    "mode": "erase",
    "reason": "",
    "state": "done",
    "requested_at": "2026-01-01T00:00:00.000Z",
    "requested_by": "ada",
    "waits_for": "",
    "finished_at": "2026-01-01T00:00:01.000Z",
    "tables": [{"table": "agent_logs", "found": 3, "left": 0}],
    "remains": [{"place": "a topic", "until": None, "why": "compaction"}],
}


def test_each_method_asks_its_route() -> None:
    with FakeClient({**DONE, "erasures": [DONE]}) as fake:
        client = PrivacyClient(fake)
        assert client.erase({"agent_id": "a b"}).is_done
        assert client.erasure("e/1").tables[0].found == 3
        assert [found.erasure_id for found in client.erasures()] == ["e1"]
    assert fake.asked == [
        ("POST", "/api/v1/erasures", {"agent_id": "a b"}),
        ("GET", "/api/v1/erasures/e%2F1", None),
        ("GET", "/api/v1/erasures", None),
    ]
