"""The mix is one that the gateway might have written: rows of every kind, that the rules can read."""

import random
from datetime import UTC, datetime

import msgspec
import pytest

from benchmarks.processors import mix
from policy_engine.compiled import compile_policy
from schemas.block import Kind
from schemas.messages.event import EventRow

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def generator() -> random.Random:
    return random.Random(1)  # noqa: S311 - a repeatable load, not a secret


@pytest.mark.parametrize("kind", mix.SHARES)
def test_rows_happened_within_the_last_second(kind: Kind) -> None:
    rows = mix.rows(kind, 50, generator(), NOW)
    assert len(rows) == 50
    for row in rows:
        happened = msgspec.to_builtins(row)["timestamp"]
        age = NOW - datetime.fromisoformat(happened)
        assert 0 <= age.total_seconds() < 1


def test_most_work_goes_well_and_some_of_it_fails() -> None:
    rows = mix.rows(Kind.EVENT, 5000, generator(), NOW)
    told = [row.success for row in rows if isinstance(row, EventRow) and row.success is not None]
    assert 0.01 < told.count(False) / len(told) < 0.05


def test_requests_speak_of_calls_of_their_own() -> None:
    made = generator()
    spans = [
        {row.span_id for row in mix.rows(Kind.EVENT, 100, made, NOW) if isinstance(row, EventRow)}
        for _ in range(2)
    ]
    assert len(spans[0]) == 50
    assert spans[0].isdisjoint(spans[1])


def test_the_policy_has_every_rule() -> None:
    policy = mix.policy("default")
    compile_policy(policy)
    terms = policy.terms
    assert all((terms.allowed_tools, terms.constraints, terms.daily_cost_cap, terms.high_risk_actions))
