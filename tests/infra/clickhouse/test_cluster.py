"""Statements for a cluster: all of ours can be rendered, and say what a replicated table needs."""

import re

import pytest

from infra.clickhouse.cluster import render
from infra.clickhouse.migrations import load
from infra.clickhouse.views import load_views

STATEMENTS = [
    (f"{migration}: {statement[:40]}", statement)
    for migration in load()
    for statement in (*migration.statements, *migration.undo_statements)
] + [(view.name, "\n".join(view.sql.splitlines()[1:]).removesuffix(";")) for view in load_views()]


@pytest.mark.parametrize("statement", [text for _, text in STATEMENTS], ids=[name for name, _ in STATEMENTS])
def test_every_statement_of_ours_reaches_all_nodes(statement: str) -> None:
    rendered = render(statement, "fleet")
    assert rendered.every_shard == statement.startswith("INSERT")
    assert rendered.every_shard or " ON CLUSTER 'fleet'" in rendered.sql.splitlines()[0]
    assert "non_replicated" not in rendered.sql
    engines = re.findall(r"^ENGINE = (\S+)", rendered.sql, re.MULTILINE)
    assert all(engine.startswith("Replicated") for engine in engines)
    assert len(engines) == statement.startswith("CREATE TABLE")


def test_an_engine_keeps_what_it_was_given() -> None:
    rendered = render(
        "CREATE TABLE t\n(\n    x String\n)\nENGINE = ReplacingMergeTree(moment)\nORDER BY x", "fleet"
    )
    assert "('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', moment)\n" in rendered.sql


def test_a_table_is_replicated_in_its_shard_and_deduplicates_there() -> None:
    statement = (
        "CREATE TABLE t\n(\n    x String\n)\nENGINE = ReplacingMergeTree\nORDER BY x\n"
        "SETTINGS non_replicated_deduplication_window = 10000"
    )
    assert render(statement, "fleet").sql == (
        "CREATE TABLE t ON CLUSTER 'fleet'\n(\n    x String\n)\n"
        "ENGINE = ReplicatedReplacingMergeTree("
        "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}')\n"
        "ORDER BY x\nSETTINGS replicated_deduplication_window = 10000"
    )


@pytest.mark.parametrize(
    ("statement", "rendered"),
    [
        ("DROP VIEW IF EXISTS v", "DROP VIEW IF EXISTS v ON CLUSTER 'c'"),
        (
            "CREATE MATERIALIZED VIEW v TO t AS SELECT 1",
            "CREATE MATERIALIZED VIEW v ON CLUSTER 'c' TO t AS SELECT 1",
        ),
        ("ALTER TABLE t ADD COLUMN x Int8", "ALTER TABLE t ON CLUSTER 'c' ADD COLUMN x Int8"),
    ],
)
def test_what_is_about_a_thing_names_the_cluster_behind_it(statement: str, rendered: str) -> None:
    assert render(statement, "c").sql == rendered


@pytest.mark.parametrize(("statement", "cluster"), [("SELECT 1", "c"), ("DROP TABLE t", "c' SYNC; --")])
def test_anything_else_is_refused(statement: str, cluster: str) -> None:
    with pytest.raises(ValueError, match=r"no migration has|a cluster's name is"):
        render(statement, cluster)
