"""From which level on logs are kept."""

import pytest

from ingest_gateway.log_floor import drop_below
from schemas.block import Kind
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel


@pytest.mark.parametrize(("floor", "kept"), list(zip(LogLevel, [4, 3, 2, 1], strict=True)))
def test_what_is_below_is_dropped(floor: LogLevel, kept: int) -> None:
    rows = {Kind.LOG: [LogRow(level, "m") for level in LogLevel]}
    assert drop_below(rows, floor) == 4 - kept  # type: ignore[arg-type] # a list of structs
    assert [row.level for row in rows[Kind.LOG]] == list(LogLevel)[4 - kept :]


def test_governance_is_kept_at_any_level() -> None:
    rows = {Kind.LOG: [LogRow(LogLevel.DEBUG, "m", governance_event=True)]}
    assert drop_below(rows, LogLevel.ERROR) == 0  # type: ignore[arg-type] # a list of structs


def test_a_request_without_logs_loses_nothing() -> None:
    assert drop_below({}, LogLevel.ERROR) == 0
