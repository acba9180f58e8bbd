"""The client asks the routes by their names and reads what they answer."""

from collections.abc import Mapping

import httpx
import msgspec
import pytest

from infra.cli.client import QueryClient
from infra.cli.operator_client import OperatorClient
from infra.errors import StackError

TOKEN = {
    **dict.fromkeys(("created_by", "expires_at", "last_used_at", "revoked_at", "revoked_by", "rotated_from")),
    "token_id": "t1",
    "operator_id": "a b",
    "name": "",
    "created_at": "2026-01-01T00:00:00.000Z",
}
CREATED = {**TOKEN, "token": "text"}
OPERATOR = {
    "operator_id": "a b",
    "tenant_id": None,
    "role": "viewer",
    "name": "",
    "created_at": "",
    "created_by": None,
}


class FakeClient(QueryClient):
    """Answers every request with one body, and keeps what was asked."""

    def __init__(self, body: object) -> None:
        super().__init__("http://query", "token", None)
        self._body = body
        self.asked: list[tuple[str, str, object]] = []

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        self.asked.append((method, path, json))
        assert params is None
        request = httpx.Request(method, f"http://query{path}")
        return httpx.Response(200, content=msgspec.json.encode(self._body), request=request)


def test_each_method_asks_its_route() -> None:
    with FakeClient({**OPERATOR, **CREATED, "first_token": CREATED, "predecessor": TOKEN}) as fake:
        client = OperatorClient(fake)
        assert client.create({"operator_id": "a b"}).first_token.token == "text"
        assert client.change("a b", {"role": "viewer"}).role == "viewer"
        client.remove("a b")
        assert client.issue("a b", {}).token == "text"
        assert client.rotate("a b", "t/1", 5).predecessor.token_id == "t1"
        client.revoke("a b", "t/1")
    one = "/api/v1/operators/a%20b"
    assert fake.asked == [
        ("POST", "/api/v1/operators", {"operator_id": "a b"}),
        ("PATCH", one, {"role": "viewer"}),
        ("DELETE", one, None),
        ("POST", f"{one}/tokens", {}),
        ("POST", f"{one}/tokens/t%2F1/rotate", {"overlap_seconds": 5}),
        ("DELETE", f"{one}/tokens/t%2F1", None),
    ]


def test_lists_are_read() -> None:
    with FakeClient({"operators": [OPERATOR], "tokens": [TOKEN]}) as fake:
        client = OperatorClient(fake)
        assert [found.operator_id for found in client.all()] == ["a b"]
        assert [found.token_id for found in client.tokens("a b")] == ["t1"]


def test_an_answer_in_another_form_is_one_sentence() -> None:
    with FakeClient({}) as fake, pytest.raises(StackError, match="unknown form"):
        OperatorClient(fake).all()
