"""Which statements give the rows of an agent to nobody, made from the tables as they are; pure.

The id is in the sort keys, so nothing can be altered in place: rows are copied into a table of the same
structure, whose parts are then attached, by which no materialized view hears of them.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from query_api.erasing.anonymous_columns import figures, id_pattern, replacement
from query_api.erasing.columns import Column
from query_api.queries.query import Query
from schemas.derived import AlertChange, AlertState, OnlineStatus
from schemas.erasures import Erasure
from schemas.tables import Table

PSEUDONYM_PREFIX = "anonymous-"
_STATUS_REASON = "anonymised"
_CLOSED_AT = "fromUnixTimestamp64Milli({closed_at:Int64}, 'UTC')"
_OF_AGENT = "tenant_id = {tenant_id:String} AND agent_id = {agent_id:String}"

Tables = Mapping[str, Sequence[Column]]


def _random_key() -> int:
    return secrets.randbits(64)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at moving an agent's rows, under a pseudonym and a key of its own.

    The id, which stands in the control record, says nothing of either.
    """

    erasure_id: str
    attempt_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    pseudonym: str = field(default_factory=lambda: f"{PSEUDONYM_PREFIX}{uuid.uuid4().hex}")
    key: tuple[int, int] = field(default_factory=lambda: (_random_key(), _random_key()))

    def copies_of(self, table: str) -> str:
        """The table that takes the copies of a table's rows."""
        return f"{copies_prefix(self.erasure_id)}{self.attempt_id}.{table}"


def copies_prefix(erasure_id: str) -> str:
    """What the names of all tables with copies of an erasure's attempts begin with."""
    return f".anonymous.{erasure_id}."


def pseudonyms_of(erasure_id: str) -> str:
    """The table that knows the pseudonyms of an erasure's attempts, for as long as it goes on."""
    return f".pseudonyms.{erasure_id}"


def make_pseudonyms(erasure_id: str) -> Query:
    """Have that table, unless it is there."""
    name = pseudonyms_of(erasure_id)
    columns = "(attempt_id String, pseudonym String) ENGINE = MergeTree ORDER BY attempt_id"
    return Query(f"CREATE TABLE IF NOT EXISTS `{name}` {columns}", {})


def note_pseudonym(attempt: Attempt) -> Query:
    """Note an attempt, before anything is under its pseudonym."""
    name = pseudonyms_of(attempt.erasure_id)
    sql = f"INSERT INTO `{name}` SELECT {{attempt_id:String}}, {{pseudonym:String}}"
    return Query(sql, {"attempt_id": attempt.attempt_id, "pseudonym": attempt.pseudonym})


def known_pseudonyms(erasure_id: str) -> Query:
    """The attempts that were noted."""
    return Query(f"SELECT attempt_id, pseudonym FROM `{pseudonyms_of(erasure_id)}`", {})  # noqa: S608 - a uuid


def make_copies(attempt: Attempt, table: str) -> Query:
    """Have a table for the copies, of the same structure."""
    return Query(f"CREATE TABLE `{attempt.copies_of(table)}` AS {table}", {})


def stop_expiring(table: str) -> Query:
    """Keep what is too old: of a part with rows of one agent alone it would go before it does of others."""
    return Query(f"SYSTEM STOP TTL MERGES `{table}`", {})


def start_expiring(table: str) -> Query:
    """Let rows that are too old go again."""
    return Query(f"SYSTEM START TTL MERGES `{table}`", {})


def copy_rows(attempt: Attempt, erasure: Erasure, table: str, columns: Sequence[Column]) -> Query:
    """Copy an agent's rows, anonymous, into the table for them."""
    names = ", ".join(f"`{column.name}`" for column in columns)
    # Without aliases: one named as a column would be compared in its place.
    values = ", ".join(replacement(column) for column in columns)
    sql = f"INSERT INTO `{attempt.copies_of(table)}` ({names}) SELECT {values} FROM {table} WHERE {_OF_AGENT}"  # noqa: S608 - names are the database's own
    agent_id = erasure.agent_id or ""
    parameters: dict[str, object] = {
        "tenant_id": erasure.tenant_id,
        "agent_id": agent_id,
        "pseudonym": attempt.pseudonym,
        "id_pattern": id_pattern(agent_id),
        "key_high": attempt.key[0],
        "key_low": attempt.key[1],
    }
    used = {name: value for name, value in parameters.items() if f"{{{name}:" in sql}
    return Query(sql, used)


def partitions_of(table: str) -> Query:
    """The partitions of a table."""
    sql = (
        "SELECT DISTINCT partition_id FROM system.parts "
        "WHERE database = currentDatabase() AND table = {table:String} AND active ORDER BY partition_id"
    )
    return Query(sql, {"table": table})


def attach(attempt: Attempt, table: str, partition_id: str) -> Query:
    """Put the copies of one partition beside the rows that they were made from."""
    copies = attempt.copies_of(table)
    return Query(f"ALTER TABLE {table} ATTACH PARTITION ID '{partition_id}' FROM `{copies}`", {})


def figures_of(table: str, columns: Sequence[Column], tenant_id: str, agent_id: str) -> Query:
    """What has to be the same of rows and copies."""
    sql = f"SELECT {figures(columns)} FROM {table} WHERE {_OF_AGENT}"  # noqa: S608 - names are the database's own
    return Query(sql, {"tenant_id": tenant_id, "agent_id": agent_id})


def count_rows(table: str, tenant_id: str, agent_id: str) -> Query:
    """How many rows there are of an agent, or under a pseudonym."""
    sql = f"SELECT count() AS rows FROM {table} WHERE {_OF_AGENT}"  # noqa: S608 - as above
    return Query(sql, {"tenant_id": tenant_id, "agent_id": agent_id})


def delete_rows(table: str, tenant_id: str, agent_id: str) -> Query:
    """Remove them."""
    return Query(
        f"ALTER TABLE {table} DELETE WHERE {_OF_AGENT}", {"tenant_id": tenant_id, "agent_id": agent_id}
    )


def tables_of_copies(erasure_id: str) -> Query:
    """The tables with copies that are left of an erasure's attempts."""
    sql = (
        "SELECT name FROM system.tables "
        "WHERE database = currentDatabase() AND startsWith(name, {prefix:String})"
    )
    return Query(sql, {"prefix": copies_prefix(erasure_id)})


def drop(table: str) -> Query:
    """Drop a table, also its files."""
    return Query(f"DROP TABLE IF EXISTS `{table}` SYNC", {})


def close_alerts(columns: Sequence[Column], erasure: Erasure, pseudonym: str) -> Query:
    """End the alerts that fire under a pseudonym: nobody else ever would."""
    changes = {
        "event_id": "lower(hex(sipHash128(event_id)))",
        "event_time": f"greatest(event_time + INTERVAL 1 MILLISECOND, {_CLOSED_AT})",
        "state": f"'{AlertState.RESOLVED}'",
        "change": f"'{AlertChange.RESOLVED}'",
        "ended_at": _CLOSED_AT,
    }
    newest = "ORDER BY event_time DESC, started_at DESC, ended_at IS NULL LIMIT 1 BY fingerprint"
    condition = f"state = '{AlertState.FIRING}'"
    return _close(Table.ALERTS, columns, changes, newest, condition, erasure, pseudonym)


def close_status(columns: Sequence[Column], erasure: Erasure, pseudonym: str) -> Query:
    """Say that whoever has the pseudonym is offline."""
    changes = {
        "event_id": "lower(hex(sipHash128(event_id)))",
        "event_time": f"greatest(event_time + INTERVAL 1 MILLISECOND, {_CLOSED_AT})",
        "status": f"'{OnlineStatus.OFFLINE}'",
        "reason": f"'{_STATUS_REASON}'",
    }
    newest = "ORDER BY event_time DESC, last_seen_at DESC LIMIT 1"
    condition = f"status != '{OnlineStatus.OFFLINE}'"
    return _close(Table.AGENT_STATUS, columns, changes, newest, condition, erasure, pseudonym)


def _close(  # noqa: PLR0913, PLR0917 - one row of a table, from another
    table: Table,
    columns: Sequence[Column],
    changes: Mapping[str, str],
    newest: str,
    condition: str,
    erasure: Erasure,
    pseudonym: str,
) -> Query:
    names = ", ".join(f"`{column.name}`" for column in columns)
    values = ", ".join(changes.get(column.name, f"`{column.name}`") for column in columns)
    sql = (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM "  # noqa: S608 - names are the database's own
        f"(SELECT * FROM {table} WHERE {_OF_AGENT} {newest}) WHERE {condition}"
    )
    closed_at = {"closed_at": erasure.up_to} if "{closed_at:" in sql else {}
    return Query(sql, {"tenant_id": erasure.tenant_id, "agent_id": pseudonym, **closed_at})
