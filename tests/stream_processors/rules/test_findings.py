"""What stands behind each reason: figures in one unit, and the events that count most."""

from collections.abc import Callable

import pytest

from schemas.derived import Reason
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    World,
    cost,
    decision,
    event,
    heartbeat,
    log,
    scores,
)

Conduct = Callable[[World, int], None]


def lived(conduct: Conduct, *, minutes: int, warm_up: int = 0) -> dict[str, Reason]:
    """The reasons of the last score that was published while an agent behaved like this."""
    world = World()
    world.live(warm_up, of=2)
    for minute in range(minutes):
        world.send(heartbeat())
        conduct(world, minute)
        world.wait(MINUTE, step=20_000)
    return {reason.code: reason for score in scores(world.events)[-3:] for reason in score.reasons}


def failing(world: World, minute: int) -> None:
    world.send(log("error" if minute % 3 == 0 else "info"))


def denied(world: World, minute: int) -> None:
    world.send(decision("deny" if minute % 2 == 0 else "allow"), event("ToolCall", success=True))


def lying(world: World, minute: int) -> None:
    claim = event("ToolCall", success=True, span_id=f"s{minute}")
    world.send(claim, event("Outcome", success=minute % 3 != 0, span_id=f"s{minute}"))


def slower(world: World, minute: int) -> None:
    took = 100.0 if minute < 200 else 900.0
    world.send(event("ToolCall", success=True, latency_ms=took))


def burning(world: World, minute: int) -> None:
    world.send(cost(1.0 if minute < 2 * 24 * 60 else 20.0))


@pytest.mark.parametrize(
    ("conduct", "minutes", "code", "observed", "expected"),
    [
        (failing, 300, "failures", (0.25, 0.4), (0.25, 0.4)),
        (denied, 300, "denials", (0.3, 0.55), (0.05, 0.05)),
        (lying, 300, "contradictions", (0.2, 0.4), (0.025, 0.025)),
        (slower, 240, "slowness", (4.0, 10.0), (1.5, 1.5)),
        (burning, 2 * 24 * 60 + 5 * 60, "spending", (3.0, 20.0), (3.0, 3.0)),
    ],
)
def test_figures_and_events(
    conduct: Conduct, minutes: int, code: str, observed: tuple[float, float], expected: tuple[float, float]
) -> None:
    reason = lived(conduct, minutes=minutes)[code]
    assert reason.observed is not None
    assert reason.expected is not None
    assert observed[0] <= reason.observed <= observed[1]
    assert expected[0] <= reason.expected <= expected[1]
    assert len(reason.events) == 1


def test_a_burst_names_an_event_and_has_no_figure() -> None:
    def burst(world: World, minute: int) -> None:
        world.send(log("error" if 30 <= minute < 42 else "info"))

    reason = lived(burst, minutes=60, warm_up=DAY)["incidents"]
    assert (reason.observed, len(reason.events)) == (None, 1)


def test_absence_says_how_many_heartbeats_were_missed() -> None:
    world = World()
    world.live(8 * HOUR, of=2)
    reasons = {reason.code: reason for reason in scores(world.wait(8 * MINUTE))[-1].reasons}
    assert reasons["absence"].expected == 3.0
    assert reasons["absence"].observed == pytest.approx(7.5, abs=1.5)
