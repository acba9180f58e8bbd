"""The ledger of migrations, in a table of its own: what was begun, what is done, what is being undone."""

from enum import StrEnum

from clickhouse_connect.driver import Client

from infra.clickhouse.migrations import Applied, Migration
from infra.clickhouse.views import VIEWS_VERSION
from schemas.tables import MIGRATIONS_TABLE


class Mark(StrEnum):
    """How far a migration is; the ledger keeps every mark."""

    STARTED = "started"
    FINISHED = "finished"
    UNDOING = "undoing"


class Ledger:
    """Reads and writes through one client; one run of migrations at a time is assumed."""

    def __init__(self, client: Client) -> None:
        """The table is not looked for before the first use."""
        self._client = client

    def prepare(self) -> None:
        """Make the table if there is none."""
        self._client.command(
            f"CREATE TABLE IF NOT EXISTS {MIGRATIONS_TABLE} (version UInt32, title String, checksum String, "
            "state LowCardinality(String), at DateTime64(3, 'UTC') DEFAULT now64(3)) "
            "ENGINE = MergeTree ORDER BY (version, at)"
        )

    def read(self) -> dict[int, Applied]:
        """What is known of each migration; nothing where there is no table."""
        if not int(str(self._client.command(f"EXISTS TABLE {MIGRATIONS_TABLE}"))):
            return {}
        rows = self._client.query(
            "SELECT version, argMax(checksum, at), countIf(state = {finished:String}) > 0, "  # noqa: S608 - our constant
            f"countIf(state = {{undoing:String}}) > 0, max(at) FROM {MIGRATIONS_TABLE} "
            "WHERE version != {views:UInt32} GROUP BY version",
            parameters={"finished": Mark.FINISHED, "undoing": Mark.UNDOING, "views": VIEWS_VERSION},
            tz_mode="aware",
        ).result_rows
        return {
            version: Applied(checksum, bool(finished), bool(undoing), at)
            for version, checksum, finished, undoing, at in rows
        }

    def mark(self, migration: Migration, mark: Mark) -> None:
        """Write down how far a migration is."""
        self._insert(migration.version, migration.title, migration.checksum, mark)

    def forget(self, version: int) -> None:
        """Know nothing of a migration any more: it is undone."""
        self._client.command(
            f"ALTER TABLE {MIGRATIONS_TABLE} DELETE WHERE version = {{version:UInt32}}",
            parameters={"version": version},
            settings={"mutations_sync": 2},
        )

    def views_checksum(self) -> str | None:
        """Of the views as they were made last."""
        [(checksum, known)] = self._client.query(
            f"SELECT argMax(checksum, at), count() FROM {MIGRATIONS_TABLE} WHERE version = {{views:UInt32}}",  # noqa: S608 - our constant
            parameters={"views": VIEWS_VERSION},
        ).result_rows
        return checksum if known else None

    def mark_views(self, checksum: str) -> None:
        """Write down which views were made."""
        self._insert(VIEWS_VERSION, "views", checksum, Mark.FINISHED)

    def _insert(self, version: int, title: str, checksum: str, mark: Mark) -> None:
        names = ["version", "title", "checksum", "state"]
        self._client.insert(MIGRATIONS_TABLE, [[version, title, checksum, mark.value]], column_names=names)
