"""Keys in force and not, and what each may do."""

import msgspec
import pytest

from runtime.problems import ProblemError
from schemas.control import Agent, ApiKey
from schemas.identity import hash_secret, new_api_key, partition_of
from tests.ingest_gateway.fakes import (
    AGENT,
    NOW,
    PARTITIONS,
    RESUMED,
    SUSPENDED,
    TOKEN,
    api_key,
    identity,
    index_of,
)

OTHER = new_api_key("agent-1")


def tag_of(*records: Agent | ApiKey, token: str = TOKEN) -> str:
    with pytest.raises(ProblemError) as refused:
        index_of(*records).find(token.encode(), NOW)
    assert refused.value.kind.status == 401
    assert TOKEN not in str(refused.value)
    return refused.value.kind.tag


def test_a_known_key_tells_who_it_is_and_where_its_history_lives() -> None:
    found = identity()
    assert (found.key.tenant_id, found.key.agent_id, found.agent_key) == ("acme", "agent-1", "acme/agent-1")
    assert found.partition == partition_of("acme/agent-1", PARTITIONS)


def test_keys_that_are_not_in_force_are_told_apart() -> None:
    assert tag_of() == "unknown-key"
    assert tag_of(AGENT, api_key(), token=OTHER) == "unknown-key"
    assert tag_of(AGENT, api_key(revoked_at=NOW)) == "revoked-key"
    assert tag_of(AGENT, api_key(expires_at=NOW)) == "expired-key"
    assert tag_of(api_key()) == "unknown-key"


@pytest.mark.parametrize(
    "token",
    ["", "ünï", "sk-123", TOKEN[:-1], TOKEN + "x", TOKEN.swapcase(), "x" * 60_000],
    ids=["empty", "foreign", "short", "cut off", "too long", "other case", "huge"],
)
def test_a_key_that_was_mistyped_is_told_from_one_that_is_not_known(token: str) -> None:
    assert tag_of(AGENT, api_key(), token=token) == "mistyped-key"


def test_a_key_is_good_until_it_expires() -> None:
    index_of(AGENT, api_key(expires_at=NOW + 1)).find(TOKEN.encode(), NOW)


def test_a_change_of_a_key_counts_at_once() -> None:
    index = index_of(AGENT, api_key())
    before = index.find(TOKEN.encode(), NOW)
    assert index.holds(before)
    index.apply("", "", api_key(key_hash=hash_secret(OTHER)))
    assert not index.holds(before)
    index.find(OTHER.encode(), NOW)
    with pytest.raises(ProblemError):
        index.find(TOKEN.encode(), NOW)


def test_many_keys_of_one_agent_live_side_by_side() -> None:
    second = msgspec.structs.replace(api_key(OTHER), key_id="key-2")
    index = index_of(AGENT, api_key(), second)
    assert {index.find(t.encode(), NOW).key.key_id for t in (TOKEN, OTHER)} == {"key-1", "key-2"}


def test_networks_are_read_once_and_one_that_cannot_be_read_opens_nothing() -> None:
    assert identity().networks is None
    assert [str(n) for n in identity(allowed_networks=("10.0.0.0/8", "::1/128")).networks or ()] == [
        "10.0.0.0/8",
        "::1/128",
    ]
    assert identity(allowed_networks=("somewhere",)).networks == ()


def test_a_suspended_agent_is_refused_with_each_of_its_keys_until_it_is_resumed() -> None:
    index = index_of(AGENT, api_key())
    before = index.find(TOKEN.encode(), NOW)
    index.apply("", "", SUSPENDED)
    assert not index.holds(before)
    with pytest.raises(ProblemError) as refused:
        index.find(TOKEN.encode(), NOW)
    assert (refused.value.kind.status, refused.value.kind.tag) == (403, "agent-suspended")
    assert "ask an operator" in refused.value.detail
    assert "a reason" not in refused.value.detail
    index.apply("", "", RESUMED)
    assert index.holds(index.find(TOKEN.encode(), NOW))


def test_an_erased_agent_is_not_suspended_but_gone() -> None:
    gone = msgspec.structs.replace(SUSPENDED, erased_at=NOW)
    assert tag_of(SUSPENDED, api_key(), gone) == "unknown-key"
    index_of(SUSPENDED, api_key(), gone, AGENT).find(TOKEN.encode(), NOW)
