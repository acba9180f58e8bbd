"""Refusals say why."""

import pytest

from query_api.analyst_sql.refusal import Reason, RefusedSqlError, forbidden, too_large, unreadable


def test_each_reason_has_its_maker() -> None:
    refused = [unreadable("a"), forbidden("b"), too_large("c")]
    assert [error.reason for error in refused] == list(Reason)
    with pytest.raises(RefusedSqlError, match=r"^b$"):
        raise refused[1]
