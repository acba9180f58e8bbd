"""How long rows are kept: tiers in order, and days that the tables can do."""

from itertools import pairwise

import pytest

from schemas.errors import InvalidMessageError
from schemas.retention import KEPT_DAYS, LIMITED_TABLES, Tier, check_days
from schemas.tables import Table


def test_tiers_are_in_order() -> None:
    assert all(first < second for first, second in pairwise(Tier))
    assert list(Tier)[-1] == KEPT_DAYS


def test_any_telemetry_table_may_be_limited() -> None:
    check_days(dict.fromkeys(LIMITED_TABLES, 1))
    check_days({Table.AGENT_LOGS: KEPT_DAYS})


@pytest.mark.parametrize(
    "days", [{"agent_logs": 0}, {"agent_logs": 366}, {"trust_scores": 30}, {"agent_logs_1m": 30}, {"": 1}]
)
def test_what_cannot_be_done_is_refused(days: dict[str, int]) -> None:
    with pytest.raises(InvalidMessageError) as refused:
        check_days(days)
    assert refused.value.field == "days"
