"""Free texts are named where they stand, so that a new field cannot be forgotten."""

import msgspec
import pytest

from schemas.privacy import PrivacyPolicy
from schemas.tables import TELEMETRY_TABLES

ROWS = [table.row for table in TELEMETRY_TABLES.values()]

# By these rows are told apart, joined and grouped: masked they would be of no use.
IDENTIFIERS = {
    "conversation_id",
    "cost_center",
    "currency",
    "entry_id",
    "event_id",
    "metric_name",
    "model",
    "parent_span_id",
    "project_id",
    "provider",
    "run_id",
    "scope_name",
    "service_name",
    "severity_text",
    "span_id",
    "span_kind",
    "trace_id",
    "unit",
    "version",
}

# Written from numbers.
DECIMALS = {"amount", "cost"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_each_text_of_a_row_is_free_text_or_an_identifier(row: type[msgspec.Struct]) -> None:
    free: set[str] = set(row.FREE_TEXT)  # type: ignore[attr-defined] # every row has it
    for field in msgspec.structs.fields(row):
        if field.type in {str, str | None, dict} or "Any" in str(field.type):
            assert field.name in free | IDENTIFIERS | DECIMALS, f"{row.__name__}.{field.name}"
    assert free <= {field.name for field in msgspec.structs.fields(row)}
    assert not free & IDENTIFIERS


def test_a_policy_says_nothing_unless_told() -> None:
    policy = msgspec.structs.asdict(PrivacyPolicy("acme"))
    said = {name: value for name, value in policy.items() if value not in {None, (), ""}}
    assert said == {"tenant_id": "acme"}
