"""Two tenants in one database, and the first of them alone in another."""

import datetime as dt
from pathlib import Path

from infra.clickhouse.migrate import migrate
from runtime.settings import parse_clickhouse_url
from schemas.tables import DATABASE
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.api_process import TENANT, url_of

ALONE = "acme_alone"
OTHER = "rival"

# Stands in every text of the other tenant's rows and in no statement that a test sends.
SECRET = "xyzzy7f3"

_ROWS = 600
_OTHERS_ROWS = 777

_FILE = Path(__file__).with_suffix(".sql")


def fill(clickhouse: EmbeddedClickHouse) -> None:
    """Make all tables in both databases and put the rows of the tenants into them."""
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
    for database in (DATABASE, ALONE):
        migrate(parse_clickhouse_url(url_of(clickhouse, database)))
        for table, select in _selects(tenant=TENANT, mark="", now=now).items():
            _insert(clickhouse, f"{database}.{table}", select, _ROWS)
    for table, select in _selects(tenant=OTHER, mark=SECRET, now=now).items():
        _insert(clickhouse, f"{DATABASE}.{table}", select, _OTHERS_ROWS)
        # In parts of one tenant alone the sort key would keep conditions from the other's rows.
        clickhouse.query(f"OPTIMIZE TABLE {DATABASE}.{table} FINAL")


def _selects(**values: str) -> dict[str, str]:
    """The statement that gives a table's rows, by table."""
    _, *blocks = _FILE.read_text().strip().split("\n\n")
    parts = dict(block.split("\n", 1) for block in blocks)
    values |= {name: _filled(parts.pop(name), values) for name in ("stamps", "event")}
    return {table: _filled(select, values) for table, select in parts.items()}


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _insert(clickhouse: EmbeddedClickHouse, table: str, select: str, rows: int) -> None:
    described = clickhouse.query(f"DESCRIBE ({select} FROM numbers(1)) FORMAT TSV").splitlines()
    names = ", ".join(line.split("\t")[0] for line in described)
    clickhouse.query(f"INSERT INTO {table} ({names}) {select} FROM numbers({rows})")
