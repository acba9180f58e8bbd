"""What a part of a query can see: its tenant, the tables, and the subqueries that WITH has named."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from query_api.analyst_sql.words import RESERVED
from schemas.tables import ROLLED_UP, Resolution, Table, roll_up
from schemas.views import View

# Subqueries of WITH are renamed, so that ClickHouse cannot take one of these names for a table.
CTE_PREFIX = f"{RESERVED}cte_"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up; `write_query` writes a query inside of an expression."""

    tenant_id: str
    database: str
    write_query: Callable[[exp.Expr, "Scope"], str]
    ctes: frozenset[str] = frozenset()

    def with_cte(self, name: str) -> "Scope":
        """The same, with one more named subquery."""
        return replace(self, ctes=self.ctes | {name})

    def is_table(self, name: str) -> bool:
        """Whether analysts may read a table of this name."""
        return name in READABLE


# Names without a database; all have the column of the tenant.
STORED = frozenset(map(str, Table)) | {
    roll_up(table, resolution) for table in ROLLED_UP for resolution in Resolution
}
READABLE = STORED | frozenset(map(str, View))
