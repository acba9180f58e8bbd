"""Statements reach every table that holds rows of tenants, and every text in it; values are bound."""

import pytest

from query_api.erasing.columns import Column
from query_api.erasing.statements import erasure_of
from schemas.erasures import Erasure, ErasureMode, value_pattern
from schemas.tables import Table

AGENT = Erasure("e1", "acme", ErasureMode.ERASE, 1, "ada", agent_id="gone")
VALUE = Erasure("e2", "acme", ErasureMode.ANONYMISE, 1, "ada", value="x' OR '1'='1")
ERASED_VALUE = Erasure("e3", "acme", ErasureMode.ERASE, 1, "ada", value="bob@example.com")

TENANT, AGENT_ID = Column("tenant_id", "LowCardinality(String)", True), Column("agent_id", "String", True)
TEXTS = [
    Column("message", "String", False),
    Column("level", "LowCardinality(String)", False),
    Column("maybe", "Nullable(String)", False),
    Column("tags", "Array(String)", False),
    Column("attributes", "Map(LowCardinality(String), String)", False),
]
COUNT, KEY = Column("count", "UInt64", False), Column("metric_name", "LowCardinality(String)", True)


def test_an_agents_rows_are_deleted_where_a_table_names_agents() -> None:
    found = erasure_of("agent_logs", [TENANT, AGENT_ID, COUNT], AGENT)
    assert found is not None
    assert found.alter.sql.startswith("ALTER TABLE agent_logs DELETE WHERE tenant_id =")
    assert found.alter.parameters == found.count.parameters == {"tenant_id": "acme", "agent_id": "gone"}


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("numbers", [COUNT]),
        ("numbers", [AGENT_ID]),
        ("spend", [TENANT, COUNT]),
        (Table.ACCESS_AUDIT, [TENANT, AGENT_ID]),
    ],
    ids=["no-tenant", "agent-alone", "no-agent", "audit"],
)
def test_other_tables_are_left_alone(table: str, columns: list[Column]) -> None:
    assert erasure_of(table, columns, AGENT) is None


def test_a_value_is_looked_for_and_replaced_in_every_text() -> None:
    found = erasure_of("agent_logs", [TENANT, AGENT_ID, KEY, *TEXTS, COUNT], VALUE)
    assert found is not None
    for column in TEXTS:
        assert f"`{column.name}` = " in found.alter.sql
        assert f"`{column.name}`" in found.count.sql
    for other in ("tenant_id", "agent_id", "metric_name", "count"):
        assert f"`{other}`" not in found.alter.sql
    assert found.alter.parameters["pattern"] == value_pattern(VALUE.value or "")
    assert "OR '1'" not in found.alter.sql


def test_rows_go_also_where_a_key_holds_the_value() -> None:
    found = erasure_of("otel_metrics", [TENANT, AGENT_ID, KEY, COUNT], ERASED_VALUE)
    assert found is not None
    assert "DELETE WHERE" in found.alter.sql
    assert "`metric_name`" in found.alter.sql


def test_tables_without_texts_hold_no_value() -> None:
    assert erasure_of("figures", [TENANT, AGENT_ID, COUNT], VALUE) is None
    assert erasure_of("figures", [COUNT, TEXTS[0]], VALUE) is None
