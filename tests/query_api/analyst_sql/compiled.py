"""Compiled statements, with the filtered table written short."""

from query_api.analyst_sql.compiling import compile_sql

TENANT = "acme"
LOGS = (
    "(SELECT __source.* FROM `promethios`.`agent_logs` AS __source "
    "PREWHERE __source.tenant_id = 'acme') AS `agent_logs`"
)


def compiled(text: str) -> str:
    """What is run for a statement; `§` is the table of logs behind its filter."""
    return compile_sql(text, TENANT, "promethios").replace(LOGS, "§")


def behind_logs(text: str) -> str:
    """What is run for clauses behind the table of logs, without what stands before."""
    sql = f"SELECT 1 FROM agent_logs {text}"  # noqa: S608 - constants
    return compiled(sql).removeprefix("SELECT 1 FROM § ")


def expression(text: str) -> str:
    """What is run for an expression."""
    return compiled(f"SELECT {text}").removeprefix("SELECT ")
