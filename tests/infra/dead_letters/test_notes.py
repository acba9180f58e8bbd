"""What the notes of all runs tell, whatever broke off between them."""

from infra.dead_letters.notes import Begun, Notes
from schemas.replays import ReplayNote


def note(run: str, *, done: bool = False) -> ReplayNote:
    return ReplayNote("telemetry.v1:0:1", run, done, 2, 40)


def test_nothing_is_known_of_a_letter_at_first() -> None:
    notes = Notes()
    assert not notes.is_done("x")
    assert notes.unfinished("x") is None
    assert not notes.is_first_since(0, "x", "me")


def test_a_replay_that_is_done_is_done_for_good() -> None:
    notes = Notes()
    notes.take(0, 5, "x", note("me"))
    assert notes.unfinished("x") == Begun(0, 5, note("me"))
    notes.take(1, 6, "x", note("me", done=True))
    notes.take(2, 7, "x", note("other"))
    assert notes.is_done("x")
    assert not notes.is_done("y")
    assert notes.next_offset == 3


def test_of_several_that_begin_the_first_goes_on_and_the_dead_count_no_more() -> None:
    notes = Notes()
    notes.take(0, 5, "x", note("dead"))
    notes.take(1, 6, "y", note("other"))
    notes.take(2, 7, "x", note("me"))
    notes.take(3, 8, "x", note("other"))
    assert notes.is_first_since(1, "x", "me")
    assert not notes.is_first_since(1, "x", "other")
    assert not notes.is_first_since(0, "x", "me")
