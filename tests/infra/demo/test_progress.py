"""What is shown while a demo runs."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from infra.demo.progress import Display, Rate, Snapshot

SNAPSHOT = Snapshot(
    elapsed=12.0,
    working=18,
    silent=2,
    accepted=1234,
    events_a_second=98.7,
    repeats=3,
    alerts_firing=2,
    alerts_resolved=1,
)


def test_a_file_gets_plain_lines_now_and_then() -> None:
    file = io.StringIO()
    with Display(Console(file=file, width=40), "demo") as display:
        display.show(SNAPSHOT)
        display.show(SNAPSHOT)
    assert file.getvalue() == (
        " 12.0 s  18 agents at work, 2 silent  1,234 events accepted, 99/s  alerts: 2 firing, 1 resolved\n"
    )


def test_a_terminal_gets_a_panel_that_goes_away() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80)
    with Display(console, "demo") as display:
        display.show(SNAPSHOT)
    assert "1,234 accepted, 99/s" in file.getvalue()
    assert "2 firing, 1 resolved" in file.getvalue()


def test_alerts_are_unknown_before_the_first_answer() -> None:
    snapshot = Snapshot(1.0, 1, 0, 0, 0.0, 0, None, None)
    assert "alerts: ? firing, ? resolved" in snapshot.line()


@given(st.lists(st.tuples(st.floats(0.01, 10), st.integers(0, 1000)), min_size=1))
def test_the_rate_is_that_of_the_last_seconds(steps: list[tuple[float, int]]) -> None:
    rate, now, total = Rate(), 0.0, 0
    assert rate.update(now, total) == 0.0
    for seconds, count in steps:
        now += seconds
        total += count
        current = rate.update(now, total)
        assert 0 <= current <= sum(count for _, count in steps) / min(seconds for seconds, _ in steps) + 1e-6


def test_the_rate_of_a_steady_stream() -> None:
    rate = Rate()
    rates = [rate.update(half / 2, 50 * half) for half in range(20)]
    assert rates[-1] == 100.0
