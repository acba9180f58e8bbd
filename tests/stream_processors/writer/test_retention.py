"""What may go: whole days, in a table and in all that was made of it, and of nobody else."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from schemas.retention import KEPT_DAYS, LIMITED_TABLES, Retention
from stream_processors.writer.retention import Expired, expired

TODAY = date(2026, 3, 1)


def test_a_tables_roll_ups_go_with_its_rows() -> None:
    found = list(expired([Retention("acme", {"agent_logs": 1}, 1, "ada")], TODAY))
    day = date(2026, 2, 28)
    assert found == [
        Expired("acme", "agent_logs", "received_at", day),
        Expired("acme", "agent_logs_1m", "day", day),
        Expired("acme", "agent_logs_1h", "day", day),
        Expired("acme", "agent_logs_1d", "day", day),
    ]
    assert found[1].condition == "tenant_id = {tenant_id:String} AND day < {before:Date}"
    assert found[1].parameters == {"tenant_id": "acme", "before": "2026-02-28"}


def test_a_table_without_roll_ups_goes_alone() -> None:
    [one] = expired([Retention("acme", {"heartbeats": 7}, 1, "ada")], TODAY)
    assert one.table == "heartbeats"


@given(st.dictionaries(st.sampled_from(sorted(LIMITED_TABLES)), st.integers(1, KEPT_DAYS)))
def test_nothing_of_the_last_days_goes(days: dict[str, int]) -> None:
    for one in expired([Retention("acme", days, 1, "ada")], TODAY):
        table = next(name for name in days if one.table == name or one.table.startswith(f"{name}_1"))
        assert (TODAY - one.before).days == days[table]
        assert one.tenant_id == "acme"
