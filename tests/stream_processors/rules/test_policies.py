"""Which policies bind an agent at which offset."""

import msgspec
import pytest

from schemas.control_block import ControlRow
from schemas.policy import Policy, PolicyTerms
from schemas.topics import Topic
from stream_processors.rules import policies as module
from stream_processors.rules.control_history import ControlVersion, encode_version
from stream_processors.rules.policies import Policies

ONE = PolicyTerms(agents=("a", "b"))


def version(
    since: int, number: int = 1, name: str = "p", *, terms: PolicyTerms | None = ONE, tenant: str = "t"
) -> ControlVersion[Policy]:
    """A version of a policy; without terms it is deleted."""
    deleted = terms is None
    policy = Policy(tenant, name, number, terms or PolicyTerms(), 1, "ada", 1, "ada", deleted)
    return ControlVersion(since, number, f"{tenant}/{name}", policy)


def absorbed(*versions: ControlVersion[Policy]) -> Policies:
    policies = Policies()
    for record in versions:
        policies.absorb(record)
    return policies


def bound(policies: Policies, agent: str, offset: int, tenant: str = "t") -> list[tuple[str, int]]:
    """Names and versions of the policies that bind an agent."""
    found = policies.binding(tenant, agent, offset)
    return [] if found is None else [(policy.policy_id, policy.version) for policy in found.policies]


def test_a_policy_binds_from_its_record_on_those_that_it_names() -> None:
    policies = absorbed(version(10), version(20, 2, terms=PolicyTerms(agents=("a",))), version(30, 1, "q"))
    assert [bound(policies, "a", offset) for offset in (9, 10, 19, 20, 30)] == [
        [],
        [("p", 1)],
        [("p", 1)],
        [("p", 2)],
        [("p", 2), ("q", 1)],
    ]
    assert [bound(policies, "b", offset) for offset in (10, 20, 30)] == [[("p", 1)], [], [("q", 1)]]
    assert bound(policies, "c", 30) == []
    assert bound(policies, "a", 30, tenant="u") == []


def test_a_deleted_policy_binds_nobody_until_it_is_made_anew() -> None:
    policies = absorbed(version(10), version(20, 2, terms=None), version(30, 3))
    assert [bound(policies, "a", offset) for offset in (10, 20, 30)] == [[("p", 1)], [], [("p", 3)]]


def test_agents_that_have_the_same_policies_share_them_and_those_that_have_none_have_none() -> None:
    policies = absorbed(version(10))
    assert policies.binding("t", "a", 10) is policies.binding("t", "b", 99) is not None
    assert policies.binding("t", "c", 10) is None
    policies.absorb(version(20, 2))
    assert bound(policies, "a", 20) == [("p", 2)]


def test_many_agents_are_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_AGENTS", 1)
    policies = absorbed(version(10))
    assert [len(bound(policies, agent, 10)) for agent in "abcabc"] == [1, 1, 0, 1, 1, 0]


def test_a_row_is_a_policy_and_packing_loses_nothing() -> None:
    record = version(7, 2, terms=PolicyTerms(description="ü", allowed_tools=(), autonomy_tier=4))
    row = ControlRow(Topic.POLICIES, "t/p", 2, msgspec.Raw(msgspec.json.encode(record.data)))
    assert Policies().decode(row, 7) == record
    assert Policies([encode_version(record)]).all() == [record]
