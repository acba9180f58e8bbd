"""Ids, times and page parameters as requests give them and answers show them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from query_api.resources.values import (
    MAX_PAGE,
    Id,
    Moment,
    PageParameters,
    Parameters,
    RangeParameters,
    from_milliseconds,
)
from schemas.identity import is_valid_id
from schemas.timestamps import from_datetime, to_rfc3339


class Shown(BaseModel):
    """Has a time and an id."""

    at: Moment
    id: Id = "x"


@given(st.integers(0, 9_214_646_400_000))
def test_times_are_shown_as_everywhere_else(milliseconds: int) -> None:
    shown = Shown(at=from_milliseconds(milliseconds))
    assert shown.model_dump(mode="json")["at"] == to_rfc3339(milliseconds)


@given(st.text())
def test_ids_are_those_of_the_contract(text: str) -> None:
    try:
        Shown(at=datetime.now(UTC), id=text)
    except ValidationError:
        assert not is_valid_id(text)
    else:
        assert is_valid_id(text)


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(ValidationError, match="levl"):
        Parameters.model_validate({"levl": "error"})


@pytest.mark.parametrize("limit", [0, -1, MAX_PAGE + 1, "many"])
def test_a_page_has_a_limit(limit: object) -> None:
    with pytest.raises(ValidationError, match="limit"):
        PageParameters.model_validate({"limit": limit})


def test_a_range_is_given_in_any_zone() -> None:
    berlin = datetime(2026, 1, 31, 13, tzinfo=timezone(timedelta(hours=1)))
    parameters = RangeParameters.model_validate({"from": "2026-01-31T11:59:59", "to": berlin.isoformat()})
    assert (parameters.start_ms or 0) + 1000 == parameters.end_ms == from_datetime(berlin)


def test_a_range_may_be_open() -> None:
    assert (RangeParameters().start_ms, RangeParameters().end_ms) == (None, None)


@pytest.mark.parametrize("moment", ["1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "noon"])
def test_times_that_no_table_holds_are_refused(moment: str) -> None:
    with pytest.raises(ValidationError, match="from"):
        RangeParameters.model_validate({"from": moment})
