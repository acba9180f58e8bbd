"""The labelled fleet: an agent is what its seed says, and bad from its onset on."""

import pytest

from benchmarks.trust.conducts import DAY, END, HONEST, HOUR, Label, make_agent


@pytest.mark.parametrize("label", list(Label))
def test_a_seed_stands_for_one_agent(label: Label) -> None:
    one, again, other = (make_agent(label, seed) for seed in ("1", "1", "2"))
    assert (one.calls, one.errors, one.tools, one.offences, one.episodes) == (
        again.calls,
        again.errors,
        again.tools,
        again.offences,
        again.episodes,
    )
    assert (one.calls, one.errors) != (other.calls, other.errors)


@pytest.mark.parametrize("label", [label for label in Label if label is not Label.RETRYING])
def test_honest_agents_never_turn_bad_and_others_do_not_before_the_second_day(label: Label) -> None:
    onset = make_agent(label, "1").onset
    assert onset == END if label in HONEST else DAY <= onset <= 3 * DAY + HOUR


def test_bad_conduct_begins_at_the_onset() -> None:
    degrading = make_agent(Label.DEGRADING, "1")
    assert degrading.failure_rate(degrading.onset - 1, None) == degrading.errors
    assert degrading.failure_rate(degrading.onset + DAY, None) == pytest.approx(degrading.errors + 0.33)
    bursty, critical = make_agent(Label.BURSTY, "1"), make_agent(Label.CRITICAL, "1")
    assert all(e.rate == 0.5 for e in bursty.episodes if e.start < bursty.onset)
    assert sum(e.rate == 0.8 for e in bursty.episodes) > 15
    assert [o.time for o in critical.offences if o.severity == "critical"] == [critical.onset]
