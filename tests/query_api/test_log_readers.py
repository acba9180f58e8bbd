"""Operators read every log of their tenants, agents their own, and nobody else's key reads any."""

import msgspec
import pytest

from query_api import errors
from query_api.auth import Caller
from query_api.directory import Directory
from query_api.log_readers import OperatorLogReader, authenticate_agent, is_key_of_agent
from query_api.resources.logs import TenantLogParameters
from runtime.problems import ErrorKind, ProblemError
from schemas.accesses import AccessAction, ActorKind
from schemas.control import Agent, ApiKey
from schemas.identity import AgentRef, hash_secret, new_api_key, new_operator_token
from schemas.networks import parse_address
from schemas.operators import Operator, Role
from schemas.permissions import DEFAULT_PERMISSIONS, Permission
from tests.query_api.api_process import with_token

NOW = 1_000
HERE = parse_address("192.0.2.7")
TEXT = new_api_key("scout")
KEY = ApiKey("k1", "acme", "scout", "gov", hash_secret(TEXT), (Permission.LOGS_READ,), 1)
OPERATOR = with_token(Operator("ada", Role.ANALYST, 1), "secret")


def directory_with(key: ApiKey) -> Directory:
    directory = Directory()
    for record in (OPERATOR, Agent("acme", "scout", "gov", 1), key):
        directory.apply("", "", record)
    return directory


def refused(key: ApiKey, text: str = TEXT) -> ErrorKind:
    with pytest.raises(ProblemError) as error:
        authenticate_agent(text, directory_with(key), HERE, NOW)
    return error.value.kind


def test_an_operator_reads_all_of_a_tenant() -> None:
    reader = OperatorLogReader(HERE, Caller(OPERATOR))
    assert reader.actor == (ActorKind.OPERATOR, "ada")
    assert reader.tenant_for("acme") == "acme"
    reader.check_agent(None)
    reader.check_agent("anybody")


def test_an_agent_reads_its_own_log_and_no_other() -> None:
    reader = authenticate_agent(TEXT, directory_with(KEY), HERE, NOW)
    assert reader.actor == (ActorKind.AGENT_KEY, "k1")
    assert reader.tenant_for(None) == reader.tenant_for("acme") == "acme"
    reader.check_agent("scout")
    for not_own in (None, "other"):
        with pytest.raises(ProblemError) as error:
            reader.check_agent(not_own)
        assert error.value.kind is errors.FORBIDDEN
    with pytest.raises(ProblemError) as error:
        reader.tenant_for("default")
    assert error.value.kind is errors.FORBIDDEN


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"permissions": DEFAULT_PERMISSIONS}, errors.FORBIDDEN),
        ({"expires_at": NOW}, errors.UNAUTHENTICATED),
        ({"revoked_at": 5}, errors.UNAUTHENTICATED),
        ({"allowed_networks": ("198.51.100.0/24",)}, errors.FORBIDDEN),
        ({"agent_id": "gone"}, errors.UNAUTHENTICATED),
    ],
)
def test_a_key_that_may_not_is_refused(changes: dict[str, object], kind: ErrorKind) -> None:
    assert refused(msgspec.structs.replace(KEY, **changes)) is kind


def test_an_unknown_key_is_refused() -> None:
    assert refused(KEY, new_api_key("scout")) is errors.UNAUTHENTICATED


def test_a_bound_key_reads_from_its_network_and_not_from_nowhere() -> None:
    directory = directory_with(msgspec.structs.replace(KEY, allowed_networks=("192.0.2.0/24",)))
    assert authenticate_agent(TEXT, directory, HERE, NOW).actor[1] == "k1"
    with pytest.raises(ProblemError):
        authenticate_agent(TEXT, directory, None, NOW)


def test_keys_are_told_from_other_tokens() -> None:
    assert is_key_of_agent(TEXT)
    assert not any(map(is_key_of_agent, (new_operator_token(), "a.b.c", "")))


def test_an_unknown_token_is_refused() -> None:
    assert refused(KEY, "wrong") is errors.UNAUTHENTICATED


def test_what_is_written_down_says_who_and_from_where() -> None:
    reader = OperatorLogReader(HERE, Caller(OPERATOR))
    parameters = TenantLogParameters(agent="scout", limit=7)
    access = reader.access(AccessAction.LOG_SEARCH, AgentRef("acme", ""), query=parameters, rows=4)
    assert (access.actor_id, access.address, access.rows) == ("ada", "192.0.2.7", 4)
    assert access.query == '{"limit":7,"agent":"scout"}'
    nowhere = OperatorLogReader(None, Caller(OPERATOR))
    assert nowhere.access(AccessAction.SQL, AgentRef("acme", ""), query="", rows=0).address == ""
