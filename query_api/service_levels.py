"""Shares and error budgets out of counts; pure."""

from typing import Any

from query_api.database import Row


def level_of(row: Row, objective: float) -> dict[str, Any]:
    """The fields of a `ServiceLevel`; `row` has calls, failures, timed_calls and percentiles."""
    calls, failures = row["calls"], row["failures"]
    p50, p95, p99 = row["percentiles"] if row["timed_calls"] else (None, None, None)
    allowed = calls * (1 - objective)
    return {
        "calls": calls,
        "failures": failures,
        "success_rate": (calls - failures) / calls if calls else None,
        "error_budget_left": 1 - failures / allowed if calls else None,
        "meets_objective": failures <= allowed if calls else None,
        "latency_p50_ms": p50,
        "latency_p95_ms": p95,
        "latency_p99_ms": p99,
    }
