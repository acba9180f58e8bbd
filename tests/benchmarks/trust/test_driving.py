"""A simulated life goes through the rules, and leaves a score for each minute."""

from benchmarks.trust.conducts import DAY, Label, make_agent
from benchmarks.trust.driving import live
from stream_processors.rules.calibration import DEFAULTS


def test_a_critical_violation_is_felt_in_the_minute_that_it_comes_in() -> None:
    agent = make_agent(Label.CRITICAL, "driving")
    trace = live(agent, DEFAULTS)
    assert len(trace.scores) == len(trace.levels) == len(trace.average) == len(trace.lifetime) == 5 * DAY
    assert trace.scores[int(agent.onset) - 1] > 80.0
    assert max(trace.scores[int(agent.onset) + 1 :]) <= 40.0
    assert trace.events > 1000
