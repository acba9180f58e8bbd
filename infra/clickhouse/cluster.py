"""The same statements for a cluster: run on all its nodes, with replicated tables; pure."""

import re
from dataclasses import dataclass

# Where each kind of statement names the thing that it is about.
_SUBJECTS = re.compile(
    r"\A(CREATE TABLE|CREATE MATERIALIZED VIEW|CREATE OR REPLACE VIEW|ALTER TABLE|TRUNCATE TABLE|DROP TABLE"
    r"|DROP VIEW) (IF EXISTS )?(\w+)"
)
_ENGINE = re.compile(r"^ENGINE = (\w*MergeTree)(?:\((.*)\))?$", re.MULTILINE)
_WINDOW = "non_replicated_deduplication_window"
# A shard holds rows of its own partitions of the log; its replicas hold the same.
_PATH = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A statement for a cluster; `every_shard` marks what one replica of each shard has to be told."""

    sql: str
    every_shard: bool = False


def render(statement: str, cluster: str) -> Rendered:
    """One statement of ours as a cluster takes it; `cluster` is its name in the servers' configuration.

    Raises:
        ValueError: the name is no plain word, or the statement is of a kind that no migration has.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", cluster):
        raise ValueError(f"a cluster's name is letters, digits, - and _: not {cluster!r}")
    if statement.startswith("INSERT INTO "):
        return Rendered(statement, every_shard=True)
    if not _SUBJECTS.match(statement):
        raise ValueError(f"no migration has such a statement: {statement[:60]!r}")
    sql = _SUBJECTS.sub(rf"\1 \2\3 ON CLUSTER '{cluster}'", statement)
    sql = _ENGINE.sub(_replicated, sql)
    return Rendered(sql.replace(_WINDOW, _WINDOW.removeprefix("non_")))


def _replicated(engine: re.Match[str]) -> str:
    own = f", {engine[2]}" if engine[2] else ""
    return f"ENGINE = Replicated{engine[1]}({_PATH}{own})"
