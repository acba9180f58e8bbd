"""Parameters in the rules' units: milliseconds, tenths, and likelihood ratios that a burst outweighs."""

import math

import msgspec
import pytest

from schemas.trust_model import LevelParameters, OutcomeParameters, TrustParameters
from stream_processors.rules.calibration import DEFAULTS, calibrate
from stream_processors.rules.decay import DAY, HOUR, MINUTE


def test_durations_are_milliseconds_and_scores_tenths() -> None:
    assert DEFAULTS.version == 0
    assert (DEFAULTS.fast_half_life, DEFAULTS.slow_half_life) == (20 * MINUTE, 24 * HOUR)
    assert DEFAULTS.severities[3].half_life == 7 * DAY
    assert DEFAULTS.thresholds == (0, 300, 500, 700, 850)
    assert DEFAULTS.forget_after == 60 * DAY


def test_what_a_tenant_sets_counts_and_the_rest_stays() -> None:
    parameters = TrustParameters(
        outcomes=OutcomeParameters(fast_half_life_minutes=5), levels=LevelParameters(trusted=90.5)
    )
    model = calibrate(parameters, 7)
    assert (model.version, model.fast_half_life, model.thresholds[4]) == (7, 5 * MINUTE, 905)
    unchanged = {"version", "parameters", "fast_half_life", "thresholds", "rebase_after"}
    for name in set(msgspec.structs.asdict(model)) - unchanged:
        assert getattr(model, name) == getattr(DEFAULTS, name)


@pytest.mark.parametrize("steps", DEFAULTS.burst_steps)
def test_failures_speak_for_a_burst_and_successes_against_it(steps: tuple[float, ...]) -> None:
    rate, failure, success, repeat, relief = steps
    assert repeat >= failure - 1e-9 > 0.0 > success >= relief - 1e-9
    # At the agent's own rate the evidence falls on average, so that nothing piles up.
    assert rate * failure + (1 - rate) * success < 0.0
    assert rate * repeat + (1 - rate) * relief < 0.0


def test_steps_are_log_likelihood_ratios() -> None:
    steps = DEFAULTS.burst_steps[0]
    assert steps.failure == pytest.approx(math.log(0.2 / 0.02), abs=1e-7)
    assert steps.success == pytest.approx(math.log(0.8 / 0.98), abs=1e-7)
    assert steps.repeat == pytest.approx(math.log(0.4 / 0.02), abs=1e-7)
