"""What is decided upon."""

from policy_engine.facts import Call


def test_a_call_may_leave_out_its_action() -> None:
    assert Call("search") == Call("search", "")
