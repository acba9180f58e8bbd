"""The corpora on a real engine with two tenants, through the query API."""

import json
from typing import Any

import httpx
import pytest

from query_api.analyst_sql.engine_settings import Limits, engine_settings
from schemas.operators import Role
from schemas.tables import DATABASE
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.analyst_sql.corpus import REFUSED, SCOPED, honest
from tests.query_api.analyst_sql.two_tenants import ALONE, SECRET
from tests.query_api.api_process import TENANT, TOKENS, QueryApiProcess

pytestmark = pytest.mark.integration

_PARAMETERS = {"tenant": TENANT}


def asked(api: QueryApiProcess, statements: list[str]) -> list[tuple[str, httpx.Response]]:
    """The answers, to an analyst who may ask about every tenant and asks about one."""
    with api.client(TOKENS[Role.ANALYST]) as client:
        return [
            (text, client.post("/api/v1/sql", json={"query": text}, params=_PARAMETERS))
            for text in statements
        ]


def rows_of(answer: httpx.Response) -> list[object]:
    """Values alone: ClickHouse numbers subqueries in the names of columns that have none."""
    return [list(row.values()) for row in answer.json()["data"]]


def rows_alone(clickhouse: EmbeddedClickHouse, text: str) -> list[object] | None:
    """What the statement itself gives where nobody else's rows are; None if it fails."""
    answer = clickhouse.request(
        text.replace(f"{DATABASE}.", f"{ALONE}."),
        database=ALONE,
        default_format="JSON",
        date_time_output_format="iso",
    )
    return None if answer.status != 200 else [list(row.values()) for row in json.loads(answer.data)["data"]]


def test_hostile_statements_are_refused(sql_api: QueryApiProcess) -> None:
    for text, answer in asked(sql_api, REFUSED):
        assert answer.status_code == 422, text
        assert answer.json()["tag"] in {"sql-refused", "invalid"}, text
        assert SECRET not in answer.text, text


def test_nothing_of_another_tenant_is_shown(
    sql_api: QueryApiProcess, two_tenants: EmbeddedClickHouse
) -> None:
    run = 0
    for text, answer in asked(sql_api, SCOPED):
        assert SECRET not in answer.text, text
        if DATABASE in text:  # names the database, in a string even: it cannot be asked elsewhere as it is
            continue
        expected = rows_alone(two_tenants, text)
        assert (answer.status_code == 200) == (expected is not None), (text, answer.text)
        if expected is not None:
            run += 1
            assert sorted(map(str, rows_of(answer))) == sorted(map(str, expected)), text
    assert run > 50


def test_the_marks_would_be_found(two_tenants: EmbeddedClickHouse) -> None:
    found = two_tenants.query(f"SELECT count() FROM {DATABASE}.agent_logs WHERE message LIKE '{SECRET}%'")  # noqa: S608 - constants
    assert int(found) == 777


def test_honest_statements_give_what_they_give_alone(
    sql_api: QueryApiProcess, two_tenants: EmbeddedClickHouse
) -> None:
    for text, answer in asked(sql_api, honest()):
        assert answer.status_code == 200, (text, answer.text)
        assert rows_of(answer) == rows_alone(two_tenants, text), text


def test_the_engine_itself_shows_and_changes_nothing(two_tenants: EmbeddedClickHouse) -> None:
    """The second wall: the settings alone, with statements that nobody has checked."""
    settings: dict[str, Any] = engine_settings(
        TENANT, DATABASE, Limits(seconds=5, memory=1 << 30, rows=10**6, result=1 << 28)
    )
    for text in [
        *SCOPED,
        "SELECT * FROM promethios.agent_logs",
        "SELECT * FROM promethios.trust_scores FINAL",
    ]:
        answer = two_tenants.request(text, **{**settings, "database": DATABASE})
        assert SECRET.encode() not in answer.data, text
    for text in [
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT * FROM promethios.agent_logs SETTINGS additional_table_filters = {}",
        "SELECT * FROM promethios.agent_logs SETTINGS optimize_move_to_prewhere = 1",
        "INSERT INTO promethios.agent_logs (tenant_id) VALUES ('acme')",
        "ALTER TABLE promethios.agent_logs DELETE WHERE 1",
        "DROP TABLE promethios.agent_logs",
        "CREATE TABLE promethios.x (a UInt8) ENGINE = Memory",
    ]:
        answer = two_tenants.request(text, **settings)
        assert answer.headers["x-clickhouse-exception-code"] == "164", text
