"""The forms in which a query's result may be asked for, and the choice by Accept."""

from dataclasses import dataclass
from enum import StrEnum

from query_api import errors
from runtime.problems import ProblemError


class ResultFormat(StrEnum):
    """The values of `?format=`."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    ARROW = "arrow"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class FormatDetails:
    """How a format is called by clients and by ClickHouse."""

    media_type: str
    engine_format: str


DETAILS: dict[ResultFormat, FormatDetails] = {
    ResultFormat.JSON: FormatDetails("application/json", "JSON"),
    ResultFormat.NDJSON: FormatDetails("application/x-ndjson", "JSONEachRow"),
    ResultFormat.CSV: FormatDetails("text/csv", "CSVWithNames"),
    ResultFormat.ARROW: FormatDetails("application/vnd.apache.arrow.stream", "ArrowStream"),
    ResultFormat.PARQUET: FormatDetails("application/vnd.apache.parquet", "Parquet"),
}

_BY_MEDIA_TYPE = {details.media_type: name for name, details in DETAILS.items()}
_ANY = ("*/*", "application/*")


def choose_format(asked: ResultFormat | None, accept: str | None) -> ResultFormat:
    """The format that was asked for, else the best that the header Accept names, else JSON.

    Raises:
        ProblemError: NOT_ACCEPTABLE; the header names none that there is.
    """
    if asked is not None:
        return asked
    if not accept:
        return ResultFormat.JSON
    wanted = sorted((_preference(item) for item in accept.split(",")), key=lambda found: -found[1])
    for media_type, quality in wanted:
        if quality <= 0:
            continue
        if media_type in _BY_MEDIA_TYPE:
            return _BY_MEDIA_TYPE[media_type]
        if media_type in _ANY:
            return ResultFormat.JSON
    raise ProblemError(
        errors.NOT_ACCEPTABLE, f"Ask for one of {', '.join(_BY_MEDIA_TYPE)} in Accept, or by ?format=."
    )


def _preference(item: str) -> tuple[str, float]:
    media_type, *parameters = (part.strip().lower() for part in item.split(";"))
    quality = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return media_type, float(quality)
    except ValueError:
        return media_type, 0.0
