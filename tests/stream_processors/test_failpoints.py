"""A failpoint kills at its step and its time only."""

import os
import signal

import pytest

from stream_processors.failpoints import Failpoint


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _, number: sent.append(number))
    return sent


def test_nothing_is_armed_by_default(kills: list[int]) -> None:
    Failpoint(None).reach("here")

    assert kills == []


def test_it_kills_at_its_step_the_nth_time(kills: list[int]) -> None:
    failpoint = Failpoint("here:2")
    for _ in range(3):
        failpoint.reach("there")
    failpoint.reach("here")
    assert kills == []

    failpoint.reach("here")
    assert kills == [signal.SIGKILL]


@pytest.mark.parametrize("armed", ["here:0", "here:-1", "here:soon"])
def test_a_wrong_count_is_refused(armed: str) -> None:
    with pytest.raises(ValueError, match=r"failpoint|invalid literal"):
        Failpoint(armed)
