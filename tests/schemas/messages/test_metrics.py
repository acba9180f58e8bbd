"""Metrics: one row for the numbers, one for each violation within."""

import msgspec

from schemas.messages.metrics import MetricsPayload, to_row, violation_rows
from tests.schemas.examples import VALID


def example(name: str) -> MetricsPayload:
    payload = next(e.payload for e in VALID if str(e) == f"metrics/valid/{name}")
    return msgspec.json.decode(msgspec.json.encode(payload), type=MetricsPayload)


def test_the_agents_own_opinion_is_kept_as_a_claim() -> None:
    row = to_row(example("document-000"))
    assert row.reported_trust == 87.5
    assert row.violations_count == 1
    assert (row.platform, row.version, row.location) == ("docker", "1.4.2", "eu-central-1")


def test_both_documented_shapes_give_rows() -> None:
    assert to_row(example("document-001")).interactions == 42
    assert violation_rows(example("document-001")) == []
    assert to_row(example("minimal")).reported_trust is None


def test_a_nested_violation_takes_the_time_of_its_report() -> None:
    payload = example("document-000")
    (row,) = violation_rows(payload)
    assert row.timestamp == payload.timestamp
