"""Downloads of logs: what is in the file, in each format, and who gets it."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pyarrow.parquet as pq
import pytest

from runtime.settings import KafkaAddress
from schemas.accesses import Access, AccessAction
from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.timestamps import to_rfc3339
from tests.query_api.access_records import accesses_until
from tests.query_api.api_process import ADMIN, TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess, bearer
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

# Not long ago, by its arrival: what comes after a job is made is not in it.
START = 1_790_000_000_000
PATH = "/api/v1/log-downloads"
SCOUT = AgentRef("default", "download-scout")
HOSTILE = 'a "quoted", = text\nof two\tlines \\ größe'


def entry(text: str, at: int, level: LogLevel = LogLevel.INFO, context: object = None) -> LogRow:
    return LogRow(level, text, context, timestamp=datetime.fromtimestamp(at / 1000, UTC))


@pytest.fixture
def filled(query_api: QueryApiProcess, rows: FleetRows) -> QueryApiProcess:
    with query_api.client() as client:
        if client.post("/api/v1/agents", json={"agent_id": SCOUT.agent_id}).status_code == 201:
            entries = [
                entry("second", START + 1, LogLevel.ERROR, {"a": [1, "x"]}),
                entry(HOSTILE, START, context="plain"),
                entry("third", START + 2),
            ]
            rows.telemetry(Kind.LOG, SCOUT, entries, START)
            rows.telemetry(Kind.LOG, AgentRef(TENANT, SCOUT.agent_id), [entry("strange", START)], START)
    return query_api


def created(client: httpx.Client, **wish: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    answer = client.post(PATH, json={"agent_id": SCOUT.agent_id, **wish})
    assert answer.status_code == 201, answer.text
    download: dict[str, Any] = answer.json()
    return download


def fetched(api: QueryApiProcess, **wish: Any) -> httpx.Response:  # noqa: ANN401 - any JSON
    with api.client() as client:
        url = created(client, **wish)["url"]
    # Nobody is asked for a token.
    answer = httpx.get(api.url + url, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer


def test_json_is_what_the_search_answers(filled: QueryApiProcess) -> None:
    answer = fetched(filled)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"].startswith('attachment; filename="logs-download-scout-')
    found = [orjson.loads(line) for line in answer.text.splitlines()]
    with filled.client() as client:
        shown = client.get(f"/api/v1/agents/{SCOUT.agent_id}/logs").json()["logs"]
    assert found == shown[::-1]
    assert [one["message"] for one in found] == [HOSTILE, "second", "third"]


def test_csv_reads_back(filled: QueryApiProcess) -> None:
    answer = fetched(filled, format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["message"] for row in rows] == [HOSTILE, "second", "third"]
    assert rows[1]["timestamp"] == to_rfc3339(START + 1)
    assert (rows[1]["level"], rows[1]["context"]) == ("error", '{"a":[1,"x"]}')
    assert set(rows[0]) >= {"event_id", "agent_id", "received_at", "governance_event", "trace_id", "span_id"}


def test_txt_has_an_entry_a_line(filled: QueryApiProcess) -> None:
    lines = fetched(filled, format="txt").text.splitlines()
    assert lines[1] == f'{to_rfc3339(START + 1)} ERROR download-scout second {{"a":[1,"x"]}}'
    assert len(lines) == 3
    assert "text of two" in lines[0]


def test_parquet_has_types(filled: QueryApiProcess) -> None:
    table = pq.read_table(io.BytesIO(fetched(filled, format="parquet").content))
    assert table.column("message").to_pylist() == [HOSTILE, "second", "third"]
    assert table.column("timestamp").to_pylist()[1] == datetime.fromtimestamp((START + 1) / 1000, UTC)
    assert table.column("governance_event").to_pylist() == [False] * 3
    assert str(table.schema.field("level").type) == "string"


def test_filters_are_the_searchs_and_nothing_found_is_an_empty_file(filled: QueryApiProcess) -> None:
    with filled.client() as client:
        assert created(client, min_level="warn", context=['a:[1,"x"]'])["rows"] == 1
        bounds = {"from": to_rfc3339(START + 1), "to": to_rfc3339(START + 2)}
        assert created(client, **bounds)["rows"] == 1
        assert created(client, agent_id=None, text="third")["agent_id"] is None
    assert fetched(filled, text="nothing").text == ""


def test_a_job_is_shown_to_those_who_may_read(filled: QueryApiProcess) -> None:
    with filled.client() as client:
        made = created(client, text="second")
        path = f"{PATH}/{made['download_id']}"
        assert client.get(path).json() == made
        assert (made["status"], made["rows"], made["format"]) == ("ready", 1, "json")
        assert client.get(f"{PATH}/WyJ.WyJ").status_code == 404
        key = client.post(f"/api/v1/agents/{SCOUT.agent_id}/keys", json={"permissions": ["logs.read"]}).json()
    for token, status in ((TENANT_ADMIN, 403), (VIEWER, 403), ("wrong", 401), (key["api_key"], 200)):
        with filled.client(token) as client:
            assert client.get(path).status_code == status
    with filled.client(key["api_key"]) as client:
        assert client.post(PATH, json={}).status_code == 403
        assert created(client)["rows"] == 3


def test_a_link_cannot_be_forged_and_ends_with_its_maker(filled: QueryApiProcess) -> None:
    with filled.client() as client:
        keys = f"/api/v1/agents/{SCOUT.agent_id}/keys"
        key = client.post(keys, json={"permissions": ["logs.read"]}).json()
    with filled.client(key["api_key"]) as client:
        url = created(client)["url"]
    assert httpx.get(filled.url + url, timeout=60).status_code == 200
    assert httpx.get(filled.url + url[:-3] + "xyz", timeout=60).status_code == 404
    assert httpx.get(filled.url + url.partition("?")[0], timeout=60).status_code == 422
    with filled.client() as client:
        client.delete(f"{keys}/{key['key_id']}")
    answer = httpx.get(filled.url + url, timeout=60)
    assert (answer.status_code, answer.json()["tag"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"format": "xml"}, "format"),
        ({"agent_id": "a/b"}, "agent_id"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to"),
        ({"text": "?"}, "text"),
        ({"levels": ["warn"]}, "levels"),
    ],
)
def test_nonsense_is_named(query_api: QueryApiProcess, wish: dict[str, Any], field: str) -> None:
    answer = httpx.post(query_api.url + PATH, json=wish, headers=bearer(ADMIN), timeout=60)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_job_and_each_use_of_its_link_are_written_down(
    filled: QueryApiProcess, control_kafka: KafkaAddress
) -> None:
    with filled.client() as client:
        url = created(client, text="second")["url"]
    for _ in range(2):
        httpx.get(filled.url + url, timeout=60)

    def of_download(found: list[Access]) -> list[AccessAction]:
        return [one.action for one in found if one.rows == 1 and '"second"' in one.query]

    fetch = AccessAction.LOG_DOWNLOAD_FETCH
    found = of_download(accesses_until(control_kafka, lambda found: of_download(found).count(fetch) >= 2))
    assert AccessAction.LOG_DOWNLOAD in found
