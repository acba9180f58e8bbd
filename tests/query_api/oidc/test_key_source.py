"""Keys are fetched when they are needed, and not for everybody who asks."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from query_api.oidc import key_source
from query_api.oidc.key_set import MAX_BYTES
from query_api.oidc.key_source import KeysAwayError, KeySource, UnknownKeyError
from tests.query_api.oidc.identity_provider import KeyServer, ec_key, key_server, key_set, public_jwk

OLD, NEW = public_jwk(ec_key(), "old"), public_jwk(ec_key(), "new")


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(key_set(OLD)) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def keys(server: KeyServer, clock: Clock) -> AsyncIterator[KeySource]:
    source = KeySource(server.url, clock)
    yield source
    await source.stop()


async def fetched(keys: KeySource) -> None:
    """Wait until what is fetched beside questions is there."""
    if keys._fetching is not None:
        await keys._fetching


async def test_a_known_key_is_fetched_once(keys: KeySource, server: KeyServer) -> None:
    found = await asyncio.gather(*(keys.key("old") for _ in range(50)))
    assert {key.key_id for key in found} == {"old"}
    assert server.asked == 1


async def test_a_new_key_is_found_at_once_and_the_old_one_lives_no_longer(
    keys: KeySource, server: KeyServer, clock: Clock
) -> None:
    await keys.key("old")
    server.body = key_set(NEW)
    clock.now += 11
    assert (await keys.key("new")).key_id == "new"
    with pytest.raises(UnknownKeyError):
        await keys.key("old")


async def test_made_up_key_ids_cause_no_storm(keys: KeySource, server: KeyServer, clock: Clock) -> None:
    await keys.key("old")
    for _ in range(5):
        for number in range(200):
            with pytest.raises(UnknownKeyError):
                await keys.key(f"made-up-{number}")
        assert (await keys.key("old")).key_id == "old"
        clock.now += 10.1
    assert server.asked <= 6


async def test_old_keys_are_renewed_without_anybody_waiting(
    keys: KeySource, server: KeyServer, clock: Clock
) -> None:
    await keys.key("old")
    clock.now += 601
    server.body = key_set(NEW)
    assert (await keys.key("old")).key_id == "old"
    await fetched(keys)
    with pytest.raises(UnknownKeyError):
        await keys.key("old")
    assert server.asked == 2


async def test_known_keys_outlive_an_issuer_that_is_down_for_a_day(
    keys: KeySource, server: KeyServer, clock: Clock
) -> None:
    await keys.key("old")
    server.status = 500
    for _ in range(3):
        clock.now += 7 * 3600
        assert (await keys.key("old")).key_id == "old"
        await fetched(keys)
    clock.now += 4 * 3600
    with pytest.raises(KeysAwayError):
        await keys.key("old")
    server.status = 200
    clock.now += 11
    assert (await keys.key("old")).key_id == "old"


async def test_an_issuer_that_hangs_holds_nobody_for_long(
    keys: KeySource, server: KeyServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keys.key("old")
    monkeypatch.setattr(key_source, "_FETCH_SECONDS", 0.3)
    server.may_answer.clear()
    clock.now += 601
    assert (await keys.key("old")).key_id == "old"
    assert keys._fetching is not None
    assert not keys._fetching.done()
    began = time.monotonic()
    tries = await asyncio.gather(*(keys.key("made-up") for _ in range(50)), return_exceptions=True)
    assert {type(error) for error in tries} == {UnknownKeyError}
    assert time.monotonic() - began < 15
    assert server.asked <= 2


@pytest.mark.parametrize("body", [b"{}", b"x" * (MAX_BYTES + 1)], ids=["no-key-set", "too-large"])
async def test_an_answer_that_is_none_is_no_answer(keys: KeySource, server: KeyServer, body: bytes) -> None:
    server.body = body
    for _ in range(20):
        with pytest.raises(KeysAwayError):
            await keys.key("old")
    assert server.asked == 1


async def test_redirections_are_not_followed(keys: KeySource, server: KeyServer) -> None:
    with key_server(key_set(OLD)) as elsewhere:
        server.status, server.headers = 302, {"location": elsewhere.url}
        with pytest.raises(KeysAwayError):
            await keys.key("old")
        assert elsewhere.asked == 0


async def test_nobody_there_is_no_answer() -> None:
    with key_server(b"") as gone:
        url = gone.url
    keys = KeySource(url)
    with pytest.raises(KeysAwayError):
        await keys.key("old")
