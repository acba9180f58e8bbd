"""Trust models: put, shown in full, versioned, and refused with a reason."""

from typing import Any

import httpx
import pytest

from schemas.trust_model import TrustParameters
from tests.query_api.api_process import ADMIN, TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

PATH = "/api/v1/trust-model"


def put(query_api: QueryApiProcess, body: object, *, token: str = ADMIN, **query: str) -> httpx.Response:
    with query_api.client(token) as client:
        return client.put(PATH, json=body, params=query)


def get(query_api: QueryApiProcess, *, token: str = ADMIN, **query: str) -> Any:  # noqa: ANN401 - JSON
    with query_api.client(token) as client:
        answer = client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_without_a_model_the_defaults_are_in_force(query_api: QueryApiProcess) -> None:
    shown = get(query_api, token=VIEWER, tenant="trust-none")
    assert (shown["version"], shown["parameters"], shown["changed_by"]) == (0, {}, None)
    assert set(shown["in_force"]) == set(TrustParameters.__struct_fields__)
    assert shown["in_force"]["levels"]["trusted"] == 85.0
    assert shown["in_force"]["violations"]["critical"] == {"nats": 1.0, "half_life_hours": 168, "cap": 6.0}


def test_what_is_put_is_in_force_and_versions_count(query_api: QueryApiProcess) -> None:
    parameters = {"levels": {"trusted": 90.0}, "outcomes": {"slow_half_life_hours": 48}}
    answer = put(query_api, {"parameters": parameters}, tenant="trust-put")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["tenant_id"], shown["version"], shown["parameters"]) == ("trust-put", 1, parameters)
    assert shown["in_force"]["levels"] == get(query_api)["in_force"]["levels"] | {"trusted": 90.0}
    assert shown["changed_by"]
    assert shown["changed_at"].endswith("Z")
    assert "promethios.trust-models.v1=" in answer.headers["x-promethios-control-offsets"]
    assert shown == get(query_api, tenant="trust-put")
    assert put(query_api, {"parameters": parameters}, tenant="trust-put").json()["version"] == 1
    again = put(query_api, {"parameters": {}}, tenant="trust-put").json()
    assert (again["version"], again["parameters"]) == (2, {})


def test_operators_change_what_is_theirs(query_api: QueryApiProcess) -> None:
    assert put(query_api, {"parameters": {}}, token=VIEWER).status_code == 403
    assert put(query_api, {"parameters": {}}, token=TENANT_ADMIN, tenant="other").status_code == 403
    assert put(query_api, {"parameters": {}}, token=TENANT_ADMIN).json()["tenant_id"] == TENANT


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"level": {}}, "unknown field `level`"),
        ({"levels": {"trusted": 101}}, "<= 100"),
        ({"levels": {"trusted": "high"}}, "`$.levels.trusted`"),
        ({"levels": {"good": 90}}, "must rise"),
        ({"violations": {"low": {"nats": 3, "half_life_hours": 6, "cap": 5}}}, "must not cost less"),
        ([], "Expected `object`"),
    ],
)
def test_what_cannot_be_is_refused_and_says_why(
    query_api: QueryApiProcess, parameters: object, reason: str
) -> None:
    answer = put(query_api, {"parameters": parameters}, tenant="trust-refused")
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == "parameters"
    assert reason in error["reason"]


def test_nothing_but_parameters_is_taken(query_api: QueryApiProcess) -> None:
    assert put(query_api, {"parameters": {}, "version": 7}).status_code == 422
    assert put(query_api, {}).status_code == 422
