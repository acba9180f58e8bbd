"""Of an anonymous agent's row stay figures and what they are counted by; a text not listed goes."""

import re

import pytest

from query_api.erasing.anonymous_columns import figures, id_pattern, replacement
from query_api.erasing.columns import Column
from schemas.erasures import ERASED
from schemas.tables import EVENT_TABLES, TELEMETRY_TABLES

TEXTS = ("String", "LowCardinality(String)", "Array(String)", "Map(LowCardinality(String), String)")


@pytest.mark.parametrize(
    "column",
    [
        Column("interactions", "UInt64", False),
        Column("timestamp", "DateTime64(6, 'UTC')", True),
        Column("cost", "Nullable(Decimal(38, 12))", False),
        Column("latencies", "AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64)", False),
        Column("level", "LowCardinality(String)", False),
    ],
    ids=lambda column: column.name,
)
def test_figures_times_and_words_of_closed_lists_stay(column: Column) -> None:
    assert replacement(column) == f"`{column.name}`"


@pytest.mark.parametrize("type_name", TEXTS)
@pytest.mark.parametrize("name", ["message", "context", "attributes", "service_name", "added_by_a_release"])
def test_a_text_that_is_not_listed_is_emptied(name: str, type_name: str) -> None:
    assert replacement(Column(name, type_name, True)) == f"defaultValueOfTypeName('{type_name}')"


def test_every_type_that_may_hold_a_text_is_one() -> None:
    for type_name in (
        "JSON",
        "Dynamic",
        "Variant(String, UInt8)",
        "Tuple(a String)",
        "IPv4",
        "FixedString(8)",
    ):
        assert replacement(Column("added", type_name, False)).startswith("defaultValueOfTypeName(")


def test_an_enumeration_in_a_type_is_quoted() -> None:
    quoted = replacement(Column("added", "Tuple(e Enum8('a' = 1), s String)", False))
    assert quoted == r"defaultValueOfTypeName('Tuple(e Enum8(\'a\' = 1), s String)')"


def test_reasons_stay_json() -> None:
    assert replacement(Column("reasons", "String", False)) == "'[]'"


def test_what_names_rows_elsewhere_is_hashed_with_the_key() -> None:
    for column in (Column("batch_id", "UUID", True), Column("trace_id", "String", False)):
        assert "{key_high:UInt64}" in replacement(column)
        assert "{key_low:UInt64}" in replacement(column)


def test_no_column_of_a_row_is_kept_without_being_listed_for_it() -> None:
    """Texts that stay as they are or by name: whoever adds one to the lists sees it here."""
    columns = [table.columns for table in TELEMETRY_TABLES.values()]
    columns += [table.columns for table in EVENT_TABLES.values()]
    names = {name for of_table in columns for name in of_table}
    as_text = {name: replacement(Column(name, "String", False)) for name in names}
    gone = {name for name, value in as_text.items() if value.startswith("defaultValueOfTypeName")}
    assert {
        "message",
        "context",
        "attributes",
        "resource_attributes",
        "span_events",
        "span_links",
        "description",
        "summary",
        "evidence",
        "error",
        "name",
        "action",
        "platform",
        "location",
        "service_name",
        "event_name",
        "query",
        "address",
        "actor_id",
    } <= gone


@pytest.mark.parametrize("text", ["scout-1", "SCOUT-1", "for scout-1.", "a/scout-1/b", "rule_scout-1"])
def test_a_name_that_holds_the_id_is_erased(text: str) -> None:
    assert re.search(id_pattern("scout-1"), text)
    assert ERASED in replacement(Column("rule", "String", False))


@pytest.mark.parametrize("text", ["scout-12", "boyscout-1", "scout", ""])
def test_a_name_that_only_looks_like_it_stays(text: str) -> None:
    assert not re.search(id_pattern("scout-1"), text)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([Column("seq", "UInt32", True)], "count() AS rows"),
        ([Column("event_id", "String", True)], "uniqExact(event_id) AS events"),
        ([Column("event_id", "String", False)], "count() AS rows"),
        (
            [
                Column("n", "SimpleAggregateFunction(sum, UInt64)", False),
                Column("x", "SimpleAggregateFunction(sum, Float64)", False),
                Column("top", "SimpleAggregateFunction(max, UInt64)", False),
            ],
            "sum(`n`) AS `sum of n`",
        ),
    ],
    ids=range(4),
)
def test_figures_do_not_depend_on_merges(columns: list[Column], expected: str) -> None:
    assert figures(columns) == expected
