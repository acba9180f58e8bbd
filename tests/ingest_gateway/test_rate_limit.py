"""Token buckets of a key: what passes, what waits, and for how long."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.limits import Limits
from ingest_gateway.rate_limit import Account, RateLimiter
from runtime.problems import ProblemError

# A power of two, whose parts add up exactly.
LIMITS = Limits(requests_per_second=8, events_per_second=1000, bytes_per_second=10_000)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(LIMITS, clock)


def refused_by(call: Callable[[], object]) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        call()
    assert (refused.value.kind.status, refused.value.kind.tag) == (429, "rate-limited")
    return refused.value


def test_a_burst_of_one_second_passes_and_then_the_rate(limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(8):
        limiter.enter("k")
    refused_by(lambda: limiter.enter("k"))
    clock.now += 0.25
    for _ in range(2):
        limiter.enter("k")
    refused_by(lambda: limiter.enter("k"))


def test_keys_do_not_wait_for_each_other(limiter: RateLimiter) -> None:
    for _ in range(8):
        limiter.enter("a")
    limiter.enter("b")


def test_a_refusal_says_how_long_to_wait_and_why(limiter: RateLimiter, clock: Clock) -> None:
    limiter.charge_events(limiter.enter("k"), 3500)
    problem = refused_by(lambda: limiter.enter("k"))
    assert problem.members == {"violated-policies": ["events"]}
    headers = problem.headers()
    assert headers["retry-after"] == "3"
    assert headers["ratelimit"] == '"events";r=0;t=3'
    assert headers["ratelimit-policy"] == (
        '"requests";q=8;w=1, "events";q=1000;w=1;qu="events", "bytes";q=10000;w=1;qu="content-bytes"'
    )
    assert b'"type":"https://iana.org/assignments/http-problem-types#quota-exceeded"' in problem.body()
    clock.now += 2.4
    refused_by(lambda: limiter.enter("k"))
    clock.now += 0.11
    limiter.enter("k")


@pytest.mark.parametrize(
    ("charge", "policy"), [(RateLimiter.charge_events, "events"), (RateLimiter.charge_bytes, "bytes")]
)
def test_a_bucket_is_overdrawn_once_and_not_by_all_that_began_meanwhile(
    limiter: RateLimiter, charge: Callable[[RateLimiter, Account, int], None], policy: str
) -> None:
    accounts = [limiter.enter("k") for _ in range(3)]
    charge(limiter, accounts[0], 50_000)
    for account in accounts[1:]:
        problem = refused_by(partial(charge, limiter, account, 1))
        assert problem.members["violated-policies"] == [policy]


def test_all_that_is_exceeded_is_named(limiter: RateLimiter) -> None:
    account = limiter.enter("k")
    limiter.charge_events(account, 10_000)
    limiter.charge_bytes(account, 50_000)
    problem = refused_by(lambda: limiter.enter("k"))
    assert problem.members["violated-policies"] == ["events", "bytes"]
    assert problem.headers()["retry-after"] == "9"


@given(st.lists(st.tuples(st.floats(0, 0.3), st.integers(1, 300)), max_size=60))
def test_no_key_gets_more_than_a_burst_and_its_rate(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    limiter = RateLimiter(LIMITS, clock)
    start, passed = clock.now, 0
    for pause, events in steps:
        clock.now += pause
        try:
            limiter.charge_events(limiter.enter("k"), events)
        except ProblemError:
            continue
        # The last may overdraw it by what it holds.
        assert passed <= 1000 * (clock.now - start + 1) + 1
        passed += events


def test_accounts_that_are_full_again_are_forgotten(limiter: RateLimiter, clock: Clock) -> None:
    for number in range(100_000):
        clock.now += 0.001
        limiter.enter(f"k{number}")
        assert len(limiter) <= 1024
    clock.now += 10
    in_debt = limiter.enter("debtor")
    limiter.charge_events(in_debt, 10_000_000)
    for number in range(5000):
        clock.now += 0.001
        limiter.enter(f"l{number}")
    refused_by(lambda: limiter.enter("debtor"))


def test_the_defaults_are_beyond_any_honest_agent() -> None:
    limits = Limits()
    assert limits.events_per_second >= 2_000_000
    assert limits.bytes_per_second >= 2**30
    assert limits.requests_per_second >= 50_000
