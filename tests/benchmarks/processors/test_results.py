"""The tables say what was measured, and whether it is enough."""

import pytest

from benchmarks.processors.contenders import Started
from benchmarks.processors.fleet import Shape
from benchmarks.processors.raw_loop import Lap
from benchmarks.processors.results import RAW, WORKER, Case, Sample, memory_line, table, verdicts

FEW = Case(200, Shape(1, 100))
SINGLE = Case(200, Shape(1, 1))


def sample(contender: str, events: int, case: Case = FEW) -> Sample:
    return Sample(contender, case, Lap(events, seconds=2.0, cpu=1.0))


def test_a_rate_is_events_over_seconds_and_cpu_is_for_a_million() -> None:
    one = sample(WORKER, 500_000)
    assert (one.rate, one.cpu_per_million) == (250_000, 2.0)


def test_the_table_compares_with_the_raw_loop_round_by_round() -> None:
    rounds = ((200_000, 400_000), (300_000, 400_000), (700_000, 1_400_000))
    samples = [one for ours, raw in rounds for one in (sample(WORKER, ours), sample(RAW, raw))]
    assert table(samples).splitlines()[2:] == [
        "| 200 agents, 1 x 100, 1 worker | 150,000 (100,000-350,000) | 0.50 (0.50-0.75) | 3.33 (1.43-5.00) |",
        "| 200 agents, 1 x 100, raw loop | 200,000 (200,000-700,000) | 1.00 (1.00-1.00) | 2.50 (0.71-2.50) |",
    ]


def test_several_workers_stand_beside_without_a_verdict() -> None:
    samples = [sample("2 workers", 400_000)]
    assert "2 workers | 200,000" in table(samples)
    assert verdicts(samples) == []


@pytest.mark.parametrize(
    ("events", "said"), [(190_000, "must 100,000: MISSED"), (210_000, "must 100,000: met")]
)
def test_a_rate_below_the_requirement_is_said_so(events: int, said: str) -> None:
    assert any(said in line for line in verdicts([sample(WORKER, events)]))


def test_the_ratio_is_judged_for_each_shape_and_the_rate_not_for_single_events() -> None:
    lines = verdicts([sample(WORKER, 50_000, SINGLE), sample(RAW, 100_000, SINGLE)])
    assert lines == [
        "200 agents, 1 x 1: 0.50 (0.50-0.50) of the raw loop; must 0.6: MISSED; aim 0.85: MISSED",
    ]


def test_an_agents_memory_is_what_a_worker_holds_more() -> None:
    line = memory_line(1000, Started(2.0, 50_000_000), Started(3.0, 58_000_000), Started(2.5, 1), 900_000)
    assert "8,000 bytes an agent more" in line
    assert "900 bytes an agent in the state log" in line
    assert "ready 2.5 s after a kill" in line
