"""Scores are published when there is news, at most once a second, and at once when the level changes."""

from tests.stream_processors.rules.log_builder import (
    HOUR,
    MINUTE,
    SECOND,
    START,
    World,
    heartbeat,
    log,
    metrics,
    scores,
    violation,
)


def test_the_first_event_publishes_a_provisional_score_at_once() -> None:
    (score,) = scores(World().send(log()))
    assert (score.score, score.level, score.status) == (60.0, "watch", "provisional")
    assert score.ceilings == ["cold_start"]
    assert score.low < score.score <= score.high
    assert score.confidence == 0.024
    assert score.as_of == "2027-01-15T08:00:00.000Z"


def test_nothing_new_is_not_published() -> None:
    world = World()
    world.send(heartbeat())
    assert len(scores(world.wait(10 * SECOND))) <= 1


def test_at_most_once_a_second_of_the_log_however_many_ticks() -> None:
    world = World()
    world.live(8 * HOUR, of=5)
    turns = []
    for _ in range(100):
        world.send(log("error"), *[log()] * 3)
        turns += [event.time // SECOND for event in world.wait(100, step=50) if scores([event])]
    assert len(turns) >= 8
    assert len(turns) == len(set(turns))


def test_news_that_had_no_turn_is_published_at_the_next_one() -> None:
    world = World()
    world.send(log())
    assert scores(world.wait(999, step=100)) == []
    world.send(metrics(99.0))
    world.send(*[log("error")] * 2)
    assert len(scores(world.wait(SECOND))) == 1


def test_a_change_of_level_does_not_wait_for_a_tick_or_a_turn() -> None:
    world = World()
    world.live(12 * HOUR, of=5)
    world.wait(SECOND)
    (first,) = scores(world.send(violation("high"), violation("high", "other")))
    (second,) = scores(world.send(violation("critical")))
    assert (first.level, second.level) == ("watch", "untrusted")
    assert second.score <= 40.0


def test_what_an_agent_says_of_itself_is_shown_beside_and_moves_nothing() -> None:
    plain, boaster = World(), World()
    for world, claim in ((plain, 1.0), (boaster, 100.0)):
        world.send(metrics(claim))
        world.live(HOUR, of=3)
        world.send(metrics(claim))
        world.wait(MINUTE)
    for one, other in zip(scores(plain.events), scores(boaster.events), strict=True):
        assert (one.score, one.level, one.reasons) == (other.score, other.level, other.reasons)
    assert scores(plain.events)[-1].reported_trust == 1.0
    assert scores(boaster.events)[-1].reported_trust == 100.0


def test_silence_is_stale_and_a_stop_is_stopped() -> None:
    world = World()
    world.live(8 * HOUR, of=3)
    assert scores(world.events)[-1].status == "active"
    assert scores(world.wait(HOUR, step=10 * SECOND))[-1].status == "stale"
    world.send(heartbeat("inactive"))
    assert scores(world.wait(SECOND))[-1].status == "stopped"
    assert world.now > START
