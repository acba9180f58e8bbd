"""The choice of a form by Accept."""

import pytest

from query_api import errors
from query_api.result_formats import DETAILS, ResultFormat, choose_format
from runtime.problems import ProblemError


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, ResultFormat.JSON),
        ("", ResultFormat.JSON),
        ("*/*", ResultFormat.JSON),
        ("text/csv", ResultFormat.CSV),
        ("Text/CSV; charset=utf-8", ResultFormat.CSV),
        ("text/html, text/csv;q=0.5, application/x-ndjson;q=0.8", ResultFormat.NDJSON),
        ("text/csv;q=0, */*;q=0.1", ResultFormat.JSON),
        ("application/vnd.apache.parquet", ResultFormat.PARQUET),
        ("application/vnd.apache.arrow.stream", ResultFormat.ARROW),
    ],
)
def test_the_best_that_is_accepted(accept: str | None, chosen: ResultFormat) -> None:
    assert choose_format(None, accept) is chosen


def test_the_name_goes_before_the_header() -> None:
    assert choose_format(ResultFormat.CSV, "application/json") is ResultFormat.CSV


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "text/csv;q=x"])
def test_none_that_is_accepted(accept: str) -> None:
    with pytest.raises(ProblemError) as refused:
        choose_format(None, accept)
    assert refused.value.kind is errors.NOT_ACCEPTABLE


def test_every_format_has_its_details() -> None:
    assert set(DETAILS) == set(ResultFormat)
