"""Keys in force and not, and what each may do."""

import msgspec
import pytest

from ingest_gateway.auth import authorize, bearer_token
from runtime.problems import ProblemError
from schemas.control import Agent, ApiKey
from schemas.identity import hash_secret, partition_of
from schemas.permissions import Permission
from tests.ingest_gateway.fakes import AGENT, NOW, PARTITIONS, TOKEN, api_key, identity, index_of

OTHER = "promethios_agent-1_ffffffffffffffffFFFF"


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
    assert tag_of(AGENT, api_key(), token="") == "unknown-key"
    assert tag_of(AGENT, api_key(), token="ünï") == "unknown-key"
    assert tag_of(AGENT, api_key(revoked_at=NOW)) == "revoked-key"
    assert tag_of(AGENT, api_key(expires_at=NOW)) == "expired-key"
    assert tag_of(api_key()) == "unknown-key"


def test_a_key_is_good_until_it_expires() -> None:
    index_of(AGENT, api_key(expires_at=NOW + 1)).find(TOKEN.encode(), NOW)


def test_a_change_of_a_key_counts_at_once() -> None:
    index = index_of(AGENT, api_key())
    index.apply("", "", api_key(key_hash=hash_secret(OTHER)))
    index.find(OTHER.encode(), NOW)
    with pytest.raises(ProblemError):
        index.find(TOKEN.encode(), NOW)


def test_many_keys_of_one_agent_live_side_by_side() -> None:
    second = msgspec.structs.replace(api_key(OTHER), key_id="key-2")
    index = index_of(AGENT, api_key(), second)
    assert {index.find(t.encode(), NOW).key.key_id for t in (TOKEN, OTHER)} == {"key-1", "key-2"}


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
