"""Who a request is from, by its head: the key, where it comes from, what it may do, whom it claims to be."""

import asyncio
from typing import Any

import pytest

from ingest_gateway.authentication import (
    Authenticator,
    authorize,
    bearer_token,
    hold_back,
    once_known,
    refuse_key_in_url,
)
from ingest_gateway.errors import MISSING_PERMISSION, REVOKED_KEY, UNKNOWN_KEY
from runtime.key_usage import KeyUsage
from runtime.problems import ErrorKind, ProblemError
from schemas.networks import parse_network
from schemas.permissions import Permission
from tests.ingest_gateway.fakes import AGENT, NOW, TOKEN, api_key, identity, index_of

PEER = ("192.0.2.7", 4711)


def identify(authenticator: Authenticator, *, peer: Any = PEER, query: bytes = b"", **key: Any) -> str:  # noqa: ANN401 - any field of a key
    """The id of the key that is let in, or the tag of the refusal."""
    headers = {b"authorization": b"Bearer " + TOKEN.encode()}
    scope = {"query_string": query, "client": peer, "headers": [*headers.items()]}
    keys = index_of(AGENT, api_key(**key))
    try:
        return authenticator.identify(keys, scope, headers, Permission.LOGS_WRITE, NOW).key.key_id
    except ProblemError as problem:
        return problem.kind.tag


def test_a_key_without_networks_may_come_from_anywhere() -> None:
    assert identify(Authenticator()) == identify(Authenticator(), peer=None) == "key-1"


@pytest.mark.parametrize(
    ("peer", "outcome"),
    [
        (PEER, "key-1"),
        (("::ffff:192.0.2.7", 1), "key-1"),
        (("2001:db8::9", 1), "key-1"),
        (("198.51.100.1", 1), "address-not-allowed"),
        (("2001:db9::9", 1), "address-not-allowed"),
        (None, "address-not-allowed"),
    ],
)
def test_a_key_with_networks_comes_from_within_one_of_them(peer: object, outcome: str) -> None:
    assert identify(Authenticator(), peer=peer, allowed_networks=("192.0.2.0/24", "2001:db8::/32")) == outcome


def test_a_refused_address_is_named_because_behind_proxies_it_is_not_plain() -> None:
    keys = index_of(AGENT, api_key(allowed_networks=("10.0.0.0/8",)))
    headers = {b"authorization": b"Bearer " + TOKEN.encode()}
    scope = {"query_string": b"", "client": PEER, "headers": []}
    with pytest.raises(ProblemError, match=r"from 192\.0\.2\.7"):
        Authenticator().identify(keys, scope, headers, Permission.LOGS_WRITE, NOW)


def test_trusted_proxies_say_whom_they_speak_for() -> None:
    headers = {b"authorization": b"Bearer " + TOKEN.encode(), b"x-forwarded-for": b"10.1.1.1"}
    scope = {"query_string": b"", "client": PEER, "headers": [*headers.items()]}
    keys = index_of(AGENT, api_key(allowed_networks=("10.0.0.0/8",)))
    trusting = Authenticator([parse_network("192.0.2.7")])
    assert trusting.identify(keys, scope, headers, Permission.LOGS_WRITE, NOW).key.key_id == "key-1"
    with pytest.raises(ProblemError, match="address-not-allowed"):
        Authenticator().identify(keys, scope, headers, Permission.LOGS_WRITE, NOW)


def test_only_a_key_that_is_let_in_counts_as_used() -> None:
    usage = KeyUsage()
    authenticator = Authenticator(usage=usage)
    identify(authenticator, allowed_networks=("10.0.0.0/8",))
    identify(authenticator, permissions=(Permission.LOGS_READ,))
    identify(authenticator, revoked_at=NOW)
    assert usage.take(NOW) == {}
    identify(authenticator)
    assert usage.take(NOW) == {"key-1": NOW}


@pytest.mark.parametrize(
    "query",
    [
        b"api_key=x",
        b"a=b&Token=",
        b"a;ACCESS_TOKEN=x",
        b"%6bey=1",
        f"q={TOKEN}".encode(),
        f"q={TOKEN.replace('_', '%5F')}".encode(),
    ],
    ids=lambda query: query[:14].decode(),
)
def test_a_key_in_the_query_string_is_refused_and_to_be_rotated(query: bytes) -> None:
    assert identify(Authenticator(), query=query) == "key-in-url"
    with pytest.raises(ProblemError, match="rotate this key, and send `Authorization") as refused:
        refuse_key_in_url(query)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("query", [b"", b"debug=1", b"monkey=1", b"keys", b"\xff%zz"])
def test_any_other_query_string_counts_for_nothing(query: bytes) -> None:
    assert identify(Authenticator(), query=query) == "key-1"


async def test_only_failed_authentications_are_held_back() -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    await hold_back(ProblemError(UNKNOWN_KEY))
    assert clock() - began > 0.09
    with pytest.raises(StopIteration):
        hold_back(ProblemError(MISSING_PERMISSION)).send(None)


async def test_a_key_that_is_not_known_yet_is_waited_for() -> None:
    keys = index_of(AGENT)
    known = asyncio.ensure_future(once_known(lambda: keys.find(TOKEN.encode(), NOW)))
    await asyncio.sleep(0)
    assert not known.done()
    keys.apply("", "", api_key())
    assert (await known).key.key_id == "key-1"


async def test_a_key_that_is_never_known_is_refused_after_two_seconds() -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    with pytest.raises(ProblemError, match="unknown-key"):
        await once_known(lambda: index_of(AGENT).find(TOKEN.encode(), NOW))
    assert clock() - began > 1.9


@pytest.mark.parametrize("kind", [REVOKED_KEY, MISSING_PERMISSION], ids=lambda kind: str(kind.tag))
async def test_what_is_refused_for_another_reason_is_refused_at_once(kind: ErrorKind) -> None:
    asked: list[int] = []

    def admit() -> None:
        asked.append(1)
        raise ProblemError(kind)

    with pytest.raises(ProblemError, match=kind.tag):
        await once_known(admit)
    assert asked == [1]


@pytest.mark.parametrize("header", [b"Bearer abc", b"bearer abc", b"BEARER   abc "])
def test_the_scheme_is_read_in_any_case(header: bytes) -> None:
    assert bearer_token(header) == b"abc"


@pytest.mark.parametrize("header", [None, b"", b"Basic abc", b"abc", b"Bearer"])
def test_another_scheme_is_refused(header: bytes | None) -> None:
    with pytest.raises(ProblemError) as refused:
        bearer_token(header)
    assert refused.value.kind.tag == "missing-key"


def test_claimed_ids_must_be_those_of_the_key() -> None:
    authorize(identity(), Permission.LOGS_WRITE, b"agent-1", b"gov-1")
    for agent, governance in ((b"agent-2", None), (None, b"gov-2"), (b"", None), (b"\xff", None)):
        with pytest.raises(ProblemError) as refused:
            authorize(identity(), Permission.LOGS_WRITE, agent, governance)
        assert refused.value.kind.tag == "other-agent"


def test_a_permission_that_the_key_lacks_is_named() -> None:
    limited = identity(permissions=(Permission.LOGS_WRITE,))
    authorize(limited, Permission.LOGS_WRITE, None, None)
    with pytest.raises(ProblemError, match=r"heartbeat\.write") as refused:
        authorize(limited, Permission.HEARTBEAT_WRITE, None, None)
    assert refused.value.kind.status == 403
