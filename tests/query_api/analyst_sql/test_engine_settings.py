"""The settings beside a statement."""

from query_api.analyst_sql.engine_settings import Limits, engine_settings
from query_api.analyst_sql.scope import READABLE

SETTINGS = engine_settings("acme", "promethios", Limits(seconds=3, memory=1 << 20, rows=10, result=1 << 10))


def test_each_table_and_view_has_its_filter() -> None:
    filters = str(SETTINGS["additional_table_filters"])
    assert filters.startswith("{'promethios.access_audit': 'tenant_id = \\'acme\\''")
    assert filters.count("tenant_id = \\'acme\\'") == len(READABLE)


def test_limits_are_given_on_and_nothing_can_be_changed() -> None:
    assert SETTINGS["max_execution_time"] == 3
    assert SETTINGS["max_memory_usage"] == 1 << 20
    assert SETTINGS["max_result_rows"] == 10
    assert SETTINGS["max_result_bytes"] == 1 << 10
    assert SETTINGS["result_overflow_mode"] == "throw"
    assert SETTINGS["readonly"] == 1
