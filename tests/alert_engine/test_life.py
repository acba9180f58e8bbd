"""An alert fires once, after its time, not again too soon, and says each change once."""

from hypothesis import given
from hypothesis import strategies as st

from alert_engine.life import TELL_AGAIN, Finding, Life, next_look, step
from schemas.derived import AlertChange

Looks = list[tuple[int, int | None, str]]
LOOKS = st.lists(
    st.tuples(st.integers(1, 50), st.sampled_from([None, 1, 2]), st.sampled_from(["", "s"])), max_size=40
)
FIRED, ESCALATED, RECURRED, SILENCED, UNSILENCED, RESOLVED = AlertChange


def told(
    looks: list[tuple[int, int | None, str]], *, for_span: int, cool_down: int
) -> list[tuple[int, AlertChange]]:
    life, now, found = Life(), 0, []
    for gap, rank, silence in looks:
        now += gap
        change = step(life, Finding(rank, True, silence), now, for_span=for_span, cool_down=cool_down)
        if change is not None:
            found.append((now, change))
    return found


@given(LOOKS, st.integers(0, 60), st.integers(0, 200))
def test_lives_begin_and_end_in_turn_and_keep_the_cool_down(
    looks: Looks, for_span: int, cool_down: int
) -> None:
    firing, ended = False, None
    for now, change in told(looks, for_span=for_span, cool_down=cool_down):
        if change is FIRED:
            assert not firing
            assert ended is None or now - ended >= cool_down
            firing = True
        else:
            assert firing
        if change is RESOLVED:
            firing, ended = False, now


@given(LOOKS, st.integers(1, 60))
def test_it_fires_only_when_it_was_met_at_each_look_for_so_long(looks: Looks, for_span: int) -> None:
    met_since, now = None, 0
    moments = {at for at, change in told(looks, for_span=for_span, cool_down=0) if change is FIRED}
    for gap, rank, _ in looks:
        now += gap
        met_since = None if rank is None else met_since or now
        if now in moments:
            assert met_since is not None
            assert now - met_since >= for_span


def test_while_it_fires_it_tells_only_of_what_is_worse_or_silenced() -> None:
    looks = [
        (1, 1, ""),
        (1, 1, ""),
        (1, 2, ""),
        (1, 1, ""),
        (1, 1, "s"),
        (1, 1, "t"),
        (1, 1, ""),
        (1, None, ""),
    ]
    assert [change for _, change in told(looks, for_span=0, cool_down=0)] == [
        FIRED,
        ESCALATED,
        SILENCED,
        UNSILENCED,
        RESOLVED,
    ]


def test_what_comes_again_is_told_once_a_minute_at_most() -> None:
    """Within a minute after any change there is nothing to tell, and never without anything new."""
    life, told = Life(), []
    looks = [(0, True), (1, True), (59, True), (60, False), (61, True), (100, True), (121, True)]
    for second, fresh in looks:
        change = step(life, Finding(1, fresh), 1 + second * 1000, for_span=0, cool_down=0)
        if change is not None:
            told.append((second, change, life.count, life.last_met))
    assert TELL_AGAIN == 60_000
    assert told == [
        (0, FIRED, 1, 1),
        (61, RECURRED, 4, 61_001),
        (121, RECURRED, 6, 121_001),
    ]


def test_what_is_found_again_without_anything_new_is_not_counted() -> None:
    life = Life()
    for now, fresh in ((10, False), (20, True), (30, False)):
        step(life, Finding(1, fresh), now, for_span=0, cool_down=0)
    assert (life.count, life.met_since, life.last_met) == (2, 10, 20)


def test_it_is_looked_at_again_when_something_may_change() -> None:
    life = Life()
    step(life, Finding(1), 10, for_span=5, cool_down=7)
    assert next_look(life, 10, for_span=5, refresh_at=40) == 15
    step(life, Finding(1), 15, for_span=5, cool_down=7)
    assert next_look(life, 15, for_span=5, refresh_at=40) == 40
    step(life, Finding(None), 20, for_span=5, cool_down=7)
    assert next_look(life, 20, for_span=5, refresh_at=40) == 27
    assert not life.is_over
    step(life, Finding(None), 27, for_span=5, cool_down=7)
    assert life.is_over
