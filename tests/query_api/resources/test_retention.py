"""Retention as it is shown: what was put, and what is in force."""

import pytest
from pydantic import ValidationError

from query_api.resources.retention import NewRetention, report_of
from runtime.control_state import Entry
from schemas.retention import LIMITED_TABLES, Retention


def test_a_report_shows_what_is_in_force() -> None:
    report = report_of("acme", Entry(3, Retention("acme", {"agent_logs": 30}, 1000, "ada")))
    assert (report.version, report.days, report.changed_by) == (3, {"agent_logs": 30}, "ada")
    assert report.in_force == dict.fromkeys(LIMITED_TABLES, 365) | {"agent_logs": 30}
    assert report_of("acme", None).in_force == dict.fromkeys(LIMITED_TABLES, 365)


def test_days_out_of_bounds_are_refused() -> None:
    with pytest.raises(ValidationError, match="1 to 365 days"):
        NewRetention(days={"agent_logs": 366})
