"""Every route has examples; a valid one becomes rows, an invalid one is refused at the field it names."""

from typing import Any

import msgspec
import pytest

from schemas.errors import InvalidMessageError
from schemas.messages.registry import REPORT_ROUTES, ReportRoute
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import TELEMETRY_TABLES
from tests.schemas.examples import EXAMPLES, INVALID, VALID, Example

PREFIX = row_prefix("default", "agent-7", 1_767_225_600_000, bytes(range(16)))


def rows_of(route: ReportRoute, payload: Any) -> list[msgspec.Struct]:  # noqa: ANN401 - any JSON
    decoded = msgspec.json.decode(msgspec.json.encode(payload), type=route.payload)
    nested = list(route.nested.rows(decoded)) if route.nested else []
    return [route.to_row(decoded), *nested]


@pytest.mark.parametrize("route", REPORT_ROUTES, ids=lambda route: str(route.name))
def test_every_route_has_valid_and_invalid_examples(route: ReportRoute) -> None:
    assert {example.valid for example in EXAMPLES if example.route is route} == {True, False}


@pytest.mark.parametrize("example", VALID, ids=str)
def test_a_valid_example_becomes_a_row_of_its_table(example: Example) -> None:
    row = rows_of(example.route, example.payload)[0]
    (line,) = encode_rows(PREFIX, [row]).splitlines()
    stored = msgspec.json.decode(line)
    assert stored["tenant_id"] == "default"
    assert stored["seq"] == 0
    assert set(stored) <= set(TELEMETRY_TABLES[example.route.kind].columns)


@pytest.mark.parametrize("example", INVALID, ids=str)
def test_an_invalid_example_is_refused_at_its_field(example: Example) -> None:
    with pytest.raises((msgspec.ValidationError, InvalidMessageError)) as refusal:
        rows_of(example.route, example.payload)
    assert example.wrong_field in str(refusal.value)


@pytest.mark.parametrize("example", VALID, ids=str)
def test_many_payloads_become_rows_as_each_does(example: Example) -> None:
    route = example.route
    payload = msgspec.json.decode(msgspec.json.encode(example.payload), type=route.payload)
    assert route.rows([]) == []
    assert route.rows([payload] * 3) == [route.to_row(payload)] * 3


def test_violations_within_metrics_become_violation_rows() -> None:
    example = next(e for e in VALID if str(e) == "metrics/valid/document-000")
    _, violation = rows_of(example.route, example.payload)
    stored = msgspec.to_builtins(violation)
    assert stored["violation_type"] == "data_access"
    assert stored["severity"] == "high"
    assert stored["timestamp"] == "2026-01-31T12:00:00Z"
