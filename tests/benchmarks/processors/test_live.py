"""Only the alert of the violation that was sent tells how long alerts take."""

from benchmarks.processors.live import AlertWatch
from schemas.derived import Alert
from tests.stream_processors.rules.log_builder import MINUTE, World, event, violation


def alerts(world: World) -> list[Alert]:
    return [found.data for found in world.events if isinstance(found.data, Alert)]


def test_another_alert_of_the_agent_is_not_the_one_that_is_waited_for() -> None:
    watch, world = AlertWatch(), World()
    for _ in range(5):
        world.send(*[event(success=False)] * 50)
        world.wait(MINUTE)
    others = alerts(world)
    assert others
    for number, alert in enumerate(others):
        watch.note(alert, float(number))
    assert watch.seen == {}
    world.send(violation("critical"))
    world.wait(MINUTE)
    for number, alert in enumerate(alerts(world)[len(others) :]):
        watch.note(alert, 100.0 + number)
    assert list(watch.seen) == ["a"]
    assert watch.seen["a"] >= 100.0
