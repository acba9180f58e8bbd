"""Days of conduct: honest agents raise no alarm, bad ones are found, and a flood does not pay."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    World,
    alerts,
    heartbeat,
    log,
    scores,
    statuses,
    violation,
)

Conduct = Callable[[World, int], None]


def lived(conduct: Conduct, *, days: int = 2, warm_up: int = DAY) -> tuple[World, list[float]]:
    """A first day in order, then the conduct each minute; the score at each hour from then on."""
    world = World()
    world.live(warm_up, of=3, failures=0)
    hourly = []
    for minute in range(days * 24 * 60):
        world.send(heartbeat())
        conduct(world, minute)
        world.wait(MINUTE, step=30 * SECOND)
        if minute % 60 == 59:
            hourly.append(world.state.agents["default/a"].score.value)
    return world, hourly


def honest(world: World, minute: int) -> None:
    world.send(*[log("error" if (minute * 3 + n) % 50 == 0 else "info") for n in range(3)])


def noisy(world: World, minute: int) -> None:
    world.send(*[log("error" if (minute * 3 + n) % 12 == 0 else "info") for n in range(3)])
    if minute % (12 * 60) == 0:
        world.send(violation("low"))


def failing(world: World, _: int) -> None:
    world.send(*[log("error")] * 3)


def flooding_violator(world: World, minute: int) -> None:
    world.send(*[log()] * 100)
    if minute % 60 == 0:
        world.send(violation("medium", f"rule-{minute % 7}"))


@pytest.mark.parametrize(("conduct", "lowest"), [(honest, 85.0), (noisy, 70.0)])
def test_honest_agents_raise_no_alarm(conduct: Conduct, lowest: float) -> None:
    world, hourly = lived(conduct)
    assert min(hourly) > lowest
    assert alerts(world.events) == []


@pytest.mark.parametrize("conduct", [failing, flooding_violator])
def test_bad_agents_are_found_and_stay_found(conduct: Conduct) -> None:
    world, hourly = lived(conduct)
    assert hourly[-1] < 50.0
    assert [alert.state for alert in alerts(world.events) if alert.rule == "trust_drop"][-1] == "firing"


def test_a_healthy_new_agent_is_trusted_within_a_day_and_never_falls() -> None:
    world = World()
    world.live(DAY, of=3)
    figures = [score.score for score in scores(world.events)]
    assert all(later > earlier - 0.15 for earlier, later in pairwise(figures))
    assert scores(world.events)[-1].level == "trusted"


def test_a_critical_violation_is_felt_at_once_and_for_a_week() -> None:
    world = World()
    world.live(DAY, of=3)
    (score,) = scores(world.send(violation("critical")))
    assert score.score <= 40.0
    world.live(6 * DAY, of=3)
    assert scores(world.events)[-1].score <= 40.0


def test_silence_and_return() -> None:
    world = World()
    world.live(DAY, of=3)
    events = world.wait(2 * HOUR, step=SECOND * 5)
    assert [change.status for change in statuses(events)] == ["degraded", "offline"]
    assert scores(events)[-1].score == 49.0
    events = world.send(heartbeat())
    assert [(alert.rule, alert.state) for alert in alerts(events)] == [("agent_offline", "resolved")]
    back = world.live(HOUR, of=3)
    assert scores(back)[-1].level == "trusted"


def test_a_flood_of_trivial_successes_buys_next_to_nothing() -> None:
    found = []
    for successes in (1, 60):
        world = World()
        world.live(DAY, failures=1, of=3)
        for _ in range(60):
            world.send(*[log()] * successes)
            world.wait(MINUTE, step=20 * SECOND)
        found.append(world.state.agents["default/a"].score.value)
    assert found[1] - found[0] < 5.0
