"""What ClickHouse is told beside the statement: the limits, and the tenant's filter once more."""

from dataclasses import dataclass

from query_api.analyst_sql.scope import READABLE
from query_api.analyst_sql.words import TENANT_COLUMN, string

# So that a memory limit is what stops long lists, and not the machine.
_LONGEST_RANGE = 10_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take: time in seconds, sizes in bytes."""

    seconds: int
    memory: int
    rows: int
    result: int


def engine_settings(tenant_id: str, database: str, limits: Limits) -> dict[str, str | int]:
    """The settings of one query; none of them can be changed from inside of it."""
    return {**_tenant_settings(tenant_id, database), **_limit_settings(limits), "readonly": 1}


def _tenant_settings(tenant_id: str, database: str) -> dict[str, str | int]:
    condition = f"{TENANT_COLUMN} = {string(tenant_id)}"
    filters = (f"{string(f'{database}.{name}')}: {string(condition)}" for name in sorted(READABLE))
    return {
        # A second wall behind the statement's own filters, in the engine.
        "additional_table_filters": f"{{{', '.join(filters)}}}",
        # Conditions of the query are not tried together with the tenant's, in an order of the engine's own:
        # the errors that they raise, and those that they do not, would tell of other tenants' values.
        "optimize_move_to_prewhere": 0,
        "query_plan_optimize_prewhere": 0,
        "query_plan_merge_filters": 0,
        "optimize_prewhere_after_pushdown": 0,
    }


def _limit_settings(limits: Limits) -> dict[str, str | int]:
    return {
        "max_execution_time": limits.seconds,
        "timeout_overflow_mode": "throw",
        "max_memory_usage": limits.memory,
        "max_result_rows": limits.rows,
        "max_result_bytes": limits.result,
        "result_overflow_mode": "throw",
        "max_temporary_data_on_disk_size_for_query": limits.memory,
        "function_range_max_elements_in_block": _LONGEST_RANGE,
        "max_subquery_depth": 50,
        "use_query_cache": 0,
        "date_time_output_format": "iso",
        "output_format_write_statistics": 0,
        # An error has a status of its own while nothing of the result has been sent.
        "wait_end_of_query": 1,
    }
