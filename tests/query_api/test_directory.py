"""The directory answers as a plain list of the records would."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from query_api.directory import Directory
from schemas.control import Agent, ApiKey, Suspension, Tenant
from schemas.identity import AgentRef
from schemas.operators import Operator, OperatorToken, Role
from schemas.permissions import Permission
from schemas.policy import Policy, PolicyTerms
from schemas.privacy import PrivacyPolicy
from schemas.topics import Topic
from schemas.webhooks import Webhook

REF = AgentRef("acme", "scout")
KEY = ApiKey("k1", "acme", "scout", "gov-1", "hash", (Permission.LOGS_WRITE,), 5)


def test_knows_nothing_at_first() -> None:
    directory = Directory()
    assert directory.operator_of_token("hash") is None
    assert directory.operator("ada") is None
    assert directory.operators() == []
    assert not directory.has_tenant("acme")
    assert directory.agent(REF) is None
    assert directory.agents("acme", after="", limit=10) == []
    assert list(directory.keys(REF)) == []
    assert directory.key(REF, "k1") is None
    assert directory.key_by_hash("hash") is None
    assert directory.privacy_of_tenant("acme") is None
    assert directory.privacy_of_agent(REF) is None
    assert directory.policies("acme") == []
    assert directory.policy("acme", "build") is None


def operator(operator_id: str, *tokens: OperatorToken) -> Operator:
    return Operator(operator_id, Role.VIEWER, 1, tokens=tokens)


OLD, NEW = OperatorToken("t1", "old", 1), OperatorToken("t2", "new", 2)


def test_an_operator_is_found_by_each_of_the_newest_tokens_and_no_other() -> None:
    directory = Directory()
    directory.apply("", "", operator("ada", OLD))
    newest = operator("ada", NEW, OperatorToken("t3", "newer", 3))
    directory.apply("", "", newest)
    assert directory.operator_of_token("old") is None
    for token in newest.tokens:
        assert directory.operator_of_token(token.token_hash) == (newest, token)


def test_operators_are_listed_by_id_without_those_that_were_removed() -> None:
    directory = Directory()
    bob, ada = operator("bob", OLD), operator("ada", NEW)
    directory.apply("", "", bob)
    directory.apply("", "", ada)
    assert directory.operators() == [ada, bob]
    directory.apply("", "", msgspec.structs.replace(bob, tokens=(), removed_at=5))
    assert directory.operators() == [ada]
    assert directory.operator("bob") is None
    assert directory.operator("ada") == ada
    assert directory.operator_of_token("old") is None


def test_a_tenant_is_known_once_it_has_come() -> None:
    directory = Directory()
    directory.apply("", "", Tenant("acme", 1))
    assert directory.has_tenant("acme")


def test_keys_are_the_agents_own_oldest_first() -> None:
    directory = Directory()
    later = msgspec.structs.replace(KEY, key_id="k0", created_at=6)
    other = msgspec.structs.replace(KEY, key_id="k2", agent_id="other")
    for key in (later, KEY, other):
        directory.apply("", "", key)
    assert list(directory.keys(REF)) == [KEY, later]
    assert directory.key(REF, "k2") is None


def test_a_revoked_key_takes_the_place_of_the_key() -> None:
    directory = Directory()
    directory.apply("", "", KEY)
    revoked = msgspec.structs.replace(KEY, revoked_at=9)
    directory.apply("", "", revoked)
    assert list(directory.keys(REF)) == [revoked]


NAMES = st.text("abc.-", min_size=1, max_size=4)


@given(st.lists(st.tuples(st.sampled_from(["acme", "other"]), NAMES)), NAMES, st.integers(1, 5))
def test_pages_of_agents_are_those_of_a_sorted_list(
    names: list[tuple[str, str]], after: str, limit: int
) -> None:
    directory = Directory()
    for tenant, name in names:
        directory.apply("", "", Agent(tenant, name, "gov", 1))
    wanted = sorted({name for tenant, name in names if tenant == "acme" and name > after})[:limit]
    assert [agent.agent_id for agent in directory.agents("acme", after=after, limit=limit)] == wanted


def test_a_tenants_privacy_is_not_its_agents() -> None:
    directory = Directory()
    tenant, agent = PrivacyPolicy("acme", hash_key="00"), PrivacyPolicy("acme", "scout")
    directory.apply("", "", agent)
    assert directory.privacy_of_tenant("acme") is None
    directory.apply("", "", tenant)
    assert (directory.privacy_of_tenant("acme"), directory.privacy_of_agent(REF)) == (tenant, agent)


def test_policies_are_the_tenants_own_by_id_until_they_are_deleted() -> None:
    directory = Directory()
    one, two = (Policy("acme", name, 1, PolicyTerms(), 1, "ada", 1, "ada") for name in ("one", "two"))
    for policy in (two, one, msgspec.structs.replace(one, tenant_id="other")):
        directory.apply("", "", policy)
    assert directory.policies("acme") == [one, two]
    assert directory.policy("acme", "two") == two
    directory.apply("", "", msgspec.structs.replace(one, version=2, deleted=True))
    assert directory.policies("acme") == [two]
    assert directory.policy("acme", "one") is None


def test_webhooks_are_their_tenants_until_they_are_deleted() -> None:
    directory = Directory()
    late = Webhook("w1", "acme", "https://example.com", (), 5, 5, 5)
    early = msgspec.structs.replace(late, webhook_id="w2", created_at=1)
    for webhook in (late, early, msgspec.structs.replace(late, tenant_id="other")):
        directory.apply("", "", webhook)
    assert directory.webhooks("acme") == [early, late]
    assert directory.webhook("acme", "w1") == late
    assert directory.webhook("acme", "w3") is None
    assert directory.webhooks("nobody") == []
    for _ in range(2):
        directory.apply("", "", msgspec.structs.replace(late, deleted_at=9))
    assert directory.webhooks("acme") == [early]
    assert directory.webhook("acme", "w1") is None


def test_a_key_is_found_by_its_newest_hash_only() -> None:
    directory = Directory()
    directory.apply("", "", KEY)
    assert directory.key_by_hash("hash") == KEY
    changed = msgspec.structs.replace(KEY, key_hash="other")
    directory.apply("", "", changed)
    assert directory.key_by_hash("hash") is None
    assert directory.key_by_hash("other") == changed


def test_a_key_that_has_ended_is_nobodys() -> None:
    directory = Directory()
    directory.apply("", "", KEY)
    directory.end(Topic.AGENTS, KEY.key_id)
    assert directory.key(REF, KEY.key_id) == KEY
    for _ in range(2):
        directory.end(Topic.API_KEYS, KEY.key_id)
        assert list(directory.keys(REF)) == []
        assert directory.key_by_hash(KEY.key_hash) is None


def test_the_suspended_agents_of_a_tenant_are_those_whose_suspension_lasts() -> None:
    directory = Directory()
    for name, suspension in (("a", None), ("b", Suspension(1)), ("c", Suspension(1, 2))):
        directory.apply("", "", Agent("acme", name, "gov", 1, suspension=suspension))
    directory.apply("", "", Agent("other", "d", "gov", 1, suspension=Suspension(1)))
    assert directory.suspended("acme") == {"b"}
    assert directory.suspended("nobody") == frozenset()
