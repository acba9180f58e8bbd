"""What masking costs is compared with no masking at all."""

from benchmarks.gateway.masking import OFF, POLICIES, masking_verdicts
from benchmarks.gateway.results import Case, Sample

PLAIN = Sample(OFF, Case(100, 256), 1.0, 100_000, 100_000, 0, 0.4, 0.1, 0.02)


def masked(acknowledged: int, cpu: float) -> Sample:
    return Sample("all masked", Case(100, 256), 1.0, acknowledged, acknowledged, 0, cpu, 0.1, 0.02)


def test_rate_and_cpu_both_count() -> None:
    (line,) = masking_verdicts([PLAIN, masked(80_000, 0.4)])
    assert line == (
        "all masked, 100 events a request: 0.80 x the rate without masking, 0.80 x the events per CPU "
        "second; must 0.7: met"
    )
    assert masking_verdicts([PLAIN, masked(60_000, 0.24)])[0].endswith("not met")
    assert masking_verdicts([PLAIN, masked(100_000, 0.6)])[0].endswith("not met")


def test_one_policy_is_no_masking_and_one_is_what_nobody_set() -> None:
    assert set(POLICIES[OFF].values()) == {"off"}
    assert {} in POLICIES.values()
