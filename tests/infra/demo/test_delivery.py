"""What answers mean, and how reports are counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo.delivery import Delivery, RouteCounts, Verdict, seconds_until_retry, sum_of, verdict


@pytest.mark.parametrize(
    ("status", "ever_accepted", "expected"),
    [
        (202, False, Verdict.ACCEPTED),
        (503, True, Verdict.RETRY),
        (429, True, Verdict.RETRY),
        (500, True, Verdict.RETRY),
        (401, False, Verdict.RETRY),
        (401, True, Verdict.REFUSED),
        (200, True, Verdict.REFUSED),
        (400, False, Verdict.REFUSED),
        (413, False, Verdict.REFUSED),
        (422, False, Verdict.REFUSED),
    ],
)
def test_only_what_may_pass_later_is_sent_again(status: int, ever_accepted: bool, expected: Verdict) -> None:
    assert verdict(status, ever_accepted=ever_accepted) is expected


@given(st.integers(0, 10_000), st.none() | st.integers(0, 10_000).map(str) | st.text(max_size=5))
def test_the_wait_is_bounded_and_never_zero(attempt: int, retry_after: str | None) -> None:
    assert 0.2 <= seconds_until_retry(attempt, retry_after) <= 5.0


def test_waits_grow_and_heed_the_server() -> None:
    assert [seconds_until_retry(attempt, None) for attempt in range(4)] == [0.2, 0.4, 0.8, 1.6]
    assert seconds_until_retry(0, "2") == 2.0
    assert seconds_until_retry(3, "1") == 1.6


counts = st.builds(RouteCounts, *[st.integers(0, 1000)] * 4)


@given(st.lists(counts))
def test_a_sum_keeps_every_event(several: list[RouteCounts]) -> None:
    total = sum_of(several)
    assert total.reported == sum(c.reported for c in several)
    assert total.unanswered == sum(c.unanswered for c in several)


def test_an_agent_adds_its_routes_up() -> None:
    delivery = Delivery()
    delivery.of("log").reported += 3
    delivery.of("log").accepted += 2
    delivery.of("heartbeat").reported += 1
    assert delivery.total() == RouteCounts(reported=4, accepted=2)
    assert delivery.total().unanswered == 2
