"""Effort ends."""

import pytest

from privacy.effort import DISAPPOINTMENT, FINDING, Effort, ExhaustedError


def test_there_is_so_much_and_no_more() -> None:
    effort = Effort(DISAPPOINTMENT + FINDING)
    effort.spend(DISAPPOINTMENT)
    effort.spend(FINDING)
    with pytest.raises(ExhaustedError):
        effort.spend(FINDING)
