"""Derived events become rows: their id and time out of the headers, their data as it is."""

from typing import Any

import orjson
import pytest

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import (
    AgentStatus,
    Alert,
    AlertState,
    DerivedData,
    DerivedEvent,
    OnlineStatus,
    PolicyViolation,
    Reason,
    Spend,
    SpendFigure,
    TrustLevel,
    TrustScore,
    TrustStatus,
    ViolationSource,
    encode_event,
)
from schemas.messages.values import Severity
from schemas.tables import DATABASE, Table
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.stream_process import until
from tests.integration.writer_process import WriterProcess

pytestmark = pytest.mark.integration

_AT = "2026-01-31T12:00:00.250Z"
_WHO = ("default", "derived-1")
_DATA: dict[Table, DerivedData] = {
    Table.TRUST_SCORES: TrustScore(
        *_WHO, 87.5, TrustLevel.GOOD, TrustStatus.ACTIVE, 0.9, 80, 95, _AT, [Reason("errors", 12.5)], ["new"]
    ),
    Table.POLICY_VIOLATIONS: PolicyViolation(
        *_WHO, "no-secrets", Severity.HIGH, ViolationSource.DETECTED, 'said "it"\n', _AT, ["b:1"], "build", 3
    ),
    Table.ALERTS: Alert(
        *_WHO, "f1", "trust-drop", AlertState.FIRING, Severity.HIGH, "fell", _AT, None, ["b:1"]
    ),
    Table.AGENT_STATUS: AgentStatus(*_WHO, OnlineStatus.OFFLINE, "missed", _AT),
    Table.SPEND: Spend("written", "derived-1", "2026-01-31", 2, [SpendFigure("USD", "0.000000000001", 3, 2)]),
}


async def test_each_kind_of_event_is_a_row(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    producer = kafka.producer(topics, client_id="test")
    await producer.start()
    for table, data in _DATA.items():
        record = encode_event(DerivedEvent(f"id-of-{table}", "default/derived-1", 1769860800250, data))
        await producer.send_and_wait(record.topic, record.value, key=record.key, headers=record.headers)
    await producer.stop()
    writer.start()

    for table in _DATA:

        async def is_there(table: Table = table) -> bool:
            return bool(_rows(tables, table))

        await until(f"a row in {table}", is_there)
        [row] = _rows(tables, table)
        assert row["event_id"] == f"id-of-{table}"
        assert row["event_time"] == "2026-01-31 12:00:00.250"
    [score] = _rows(tables, Table.TRUST_SCORES)
    [spend] = _rows(tables, Table.SPEND)
    assert spend["day"] == "2026-01-31"
    assert [(one["currency"], one["price_version"]) for one in spend["figures"]] == [("USD", 3)]
    assert (score["score"], orjson.loads(score["reasons"])[0]["code"]) == (87.5, "errors")


def _rows(clickhouse: EmbeddedClickHouse, table: Table) -> list[dict[str, Any]]:
    about = "cost_center" if table is Table.SPEND else "agent_id"
    text = clickhouse.query(
        f"SELECT * FROM {table} WHERE {about} = 'derived-1' FORMAT JSONEachRow",  # noqa: S608 - a table of ours
        database=DATABASE,
    )
    return [orjson.loads(line) for line in text.splitlines()]
