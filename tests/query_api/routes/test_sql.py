"""SQL of analysts over HTTP: who may, in which form, and what the limits are answered with."""

import io
import uuid
from collections.abc import Iterator

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runtime.settings import KafkaAddress
from schemas.accesses import Access, AccessAction, ActorKind
from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.operators import Role
from tests.infra.embedded.clickhouse.waiting import wait_until
from tests.query_api.access_records import accesses_until
from tests.query_api.api_process import TENANT_ADMIN, TOKENS, VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

PATH = "/api/v1/sql"
NOW = 1_790_000_000_000


@pytest.fixture
def tenant(rows: FleetRows) -> str:
    """A tenant with three log entries of one agent, and nobody else's."""
    tenant = f"sql-{uuid.uuid4().hex[:12]}"
    entries = [LogRow(level=LogLevel.ERROR, message=text) for text in ("no", 'größe, "x"', "it's")]
    rows.telemetry(Kind.LOG, AgentRef(tenant, "scout"), entries, NOW)
    return tenant


@pytest.fixture
def client(query_api: QueryApiProcess) -> Iterator[httpx.Client]:
    with query_api.client(TOKENS[Role.ANALYST]) as client:
        yield client


def ask(client: httpx.Client, tenant: str, query: str, accept: str = "", **parameters: str) -> httpx.Response:
    headers = {"accept": accept} if accept else {}
    return client.post(PATH, json={"query": query}, params={"tenant": tenant, **parameters}, headers=headers)


MESSAGES = "SELECT message, timestamp FROM agent_logs ORDER BY seq"


def test_the_result_comes_as_json(client: httpx.Client, tenant: str) -> None:
    answer = ask(client, tenant, MESSAGES)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    result = answer.json()
    assert [column["name"] for column in result["meta"]] == ["message", "timestamp"]
    assert [row["message"] for row in result["data"]] == ["no", 'größe, "x"', "it's"]
    assert result["data"][0]["timestamp"] == "2026-09-21T14:13:20.000Z"


@pytest.mark.parametrize("how", ["accept", "format"])
def test_other_forms_by_accept_or_by_name(client: httpx.Client, tenant: str, how: str) -> None:
    def get(name: str, media_type: str) -> bytes:
        answer = (
            ask(client, tenant, MESSAGES, media_type)
            if how == "accept"
            else ask(client, tenant, MESSAGES, format=name)
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].partition(";")[0] == media_type
        return answer.content

    csv = get("csv", "text/csv").decode().splitlines()
    assert csv[:2] == ['"message","timestamp"', '"no","2026-09-21T14:13:20.000Z"']
    assert get("ndjson", "application/x-ndjson").count(b"\n") == 3
    arrow = pa.ipc.open_stream(get("arrow", "application/vnd.apache.arrow.stream")).read_all()
    assert arrow.column_names == ["message", "timestamp"]
    parquet = pq.read_table(io.BytesIO(get("parquet", "application/vnd.apache.parquet")))
    assert parquet.num_rows == 3


def test_a_form_that_there_is_not_is_406(client: httpx.Client, tenant: str) -> None:
    answer = ask(client, tenant, MESSAGES, "image/png")
    assert (answer.status_code, answer.json()["tag"]) == (406, "not-acceptable")
    assert ask(client, tenant, MESSAGES, format="xml").json()["tag"] == "invalid"


def test_an_analyst_may_and_a_viewer_may_not(query_api: QueryApiProcess, tenant: str) -> None:
    with query_api.client(VIEWER) as viewer:
        answer = ask(viewer, tenant, MESSAGES)
    assert (answer.status_code, answer.json()["tag"]) == (403, "forbidden")


def test_an_operator_of_one_tenant_sees_that_one(query_api: QueryApiProcess, tenant: str) -> None:
    with query_api.client(TENANT_ADMIN) as admin:
        assert ask(admin, tenant, MESSAGES).status_code == 403
        own = admin.post(PATH, json={"query": "SELECT DISTINCT tenant_id FROM agent_logs"})
    assert {row["tenant_id"] for row in own.json()["data"]} <= {"acme"}


def test_what_was_read_is_on_record(client: httpx.Client, tenant: str, control_kafka: KafkaAddress) -> None:
    assert ask(client, tenant, MESSAGES).status_code == 200
    assert ask(client, tenant, "SELECT nothing FROM agent_logs").status_code == 422
    found = accesses_until(control_kafka, lambda found: of(found, tenant) != [])
    assert of(found, tenant) == [
        Access(tenant, "", ActorKind.OPERATOR, "tests-analyst", AccessAction.SQL, MESSAGES, "127.0.0.1", 3)
    ]


def of(found: list[Access], tenant: str) -> list[Access]:
    return [access for access in found if access.tenant_id == tenant]


def test_what_is_refused_says_why(client: httpx.Client, tenant: str) -> None:
    answer = ask(client, tenant, "SELECT * FROM file('/etc/passwd')")
    assert answer.status_code == 422
    assert answer.json()["tag"] == "sql-refused"
    assert answer.json()["reason"] == "forbidden"
    assert "Table functions are not allowed" in answer.json()["detail"]
    assert ask(client, tenant, "SELECT (").json()["reason"] == "unreadable"
    assert ask(client, tenant, "SELECT " + "(" * 60).json()["reason"] == "too large"


@pytest.mark.parametrize("body", [{}, {"query": ""}, {"query": 1}, {"query": "SELECT 1", "x": 1}, []])
def test_a_body_of_another_shape_is_422(client: httpx.Client, body: object) -> None:
    assert client.post(PATH, json=body).json()["tag"] == "invalid"


def test_a_mistake_is_answered_with_the_engines_words(client: httpx.Client, tenant: str) -> None:
    answer = ask(client, tenant, "SELECT no_such_column FROM agent_logs")
    assert (answer.status_code, answer.json()["tag"]) == (422, "sql-failed")
    assert answer.json()["detail"] == ("Unknown expression identifier `no_such_column`. (UNKNOWN_IDENTIFIER)")


@pytest.fixture(scope="module")
def small_api(
    control_kafka: KafkaAddress, clickhouse_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[QueryApiProcess]:
    """With limits that are soon met."""
    limits = {"sql_seconds": "3", "sql_memory_mib": "64", "sql_rows": "1000", "sql_at_once": "2"}
    folder = tmp_path_factory.mktemp("small-sql-api")
    process = QueryApiProcess(folder, control_kafka, clickhouse_url, **limits).start()
    yield process
    assert process.stop() == 0, process.log


def many(length: int) -> str:
    return f"SELECT arrayJoin(range({length})) AS n FROM agent_logs LIMIT {length}"  # noqa: S608 - numbers


def test_the_limits_on_rows_memory_and_time(small_api: QueryApiProcess, tenant: str) -> None:
    with small_api.client(TOKENS[Role.ANALYST]) as client:
        assert ask(client, tenant, many(1_000)).status_code == 200
        rows = ask(client, tenant, many(1_001))
        memory = ask(client, tenant, "SELECT groupArray(n) FROM (SELECT arrayJoin(range(9000000)) AS n)")
        product = " CROSS JOIN ".join(f"(SELECT arrayJoin(range(5000)) AS n) AS t{i}" for i in range(5))
        slow = ask(client, tenant, f"SELECT count() FROM {product} WHERE cityHash64(t0.n, t1.n, t2.n) = 1")  # noqa: S608 - constants
    assert (rows.status_code, rows.json()["tag"]) == (422, "sql-limit")
    assert "1000 rows" in rows.json()["detail"]
    assert (memory.status_code, memory.json()["tag"]) == (422, "sql-limit")
    assert (slow.status_code, slow.json()["tag"]) == (504, "query-timeout")


def test_a_larger_result_streams_to_its_end(client: httpx.Client, tenant: str) -> None:
    query = "SELECT arrayJoin(range(900000)) AS n, message FROM (SELECT message FROM agent_logs LIMIT 1)"
    with client.stream(
        "POST", PATH, json={"query": query}, params={"tenant": tenant, "format": "csv"}
    ) as answer:
        assert sum(len(piece) for piece in answer.iter_bytes()) > 9_000_000


def test_a_client_that_goes_away_gives_its_turn_back(small_api: QueryApiProcess, tenant: str) -> None:
    with small_api.client(TOKENS[Role.ANALYST]) as client:

        def has_its_turn() -> bool:
            # Whoever has just gone may not be missed yet.
            body = {"query": many(1_000)}
            with client.stream("POST", PATH, json=body, params={"tenant": tenant}) as answer:
                return answer.status_code == 200

        for _ in range(5):
            wait_until(has_its_turn)
        wait_until(lambda: ask(client, tenant, MESSAGES).status_code == 200)
