"""A key with another body is noticed, for as long as it is remembered."""

import pytest

from ingest_gateway.reused_keys import ReusedKeys
from runtime.problems import ProblemError


def use(keys: ReusedKeys, batch: int, body: bytes) -> None:
    keys.remember(batch.to_bytes(16), keys.check(batch.to_bytes(16), body))


def test_the_same_body_may_come_as_often_as_it_likes() -> None:
    keys = ReusedKeys(10)
    for _ in range(3):
        use(keys, 1, b"body")
    use(keys, 2, b"other")


def test_another_body_is_refused_and_does_not_take_the_place_of_the_first() -> None:
    keys = ReusedKeys(10)
    use(keys, 1, b"body")
    for _ in range(2):
        with pytest.raises(ProblemError) as refused:
            use(keys, 1, b"other")
        assert (refused.value.kind.status, refused.value.kind.tag) == (422, "idempotency-key-reused")
    use(keys, 1, b"body")


def test_what_was_only_checked_is_free() -> None:
    keys = ReusedKeys(10)
    keys.check(bytes(16), b"body")
    keys.check(bytes(16), b"other")


def test_memory_is_bounded_and_the_latest_are_remembered() -> None:
    keys = ReusedKeys(10)
    for batch in range(1000):
        use(keys, batch, b"body")
        assert len(keys._young) + len(keys._old) <= 20
    for batch in range(990, 1000):
        with pytest.raises(ProblemError):
            keys.check(batch.to_bytes(16), b"other")
    keys.check((1).to_bytes(16), b"other")
