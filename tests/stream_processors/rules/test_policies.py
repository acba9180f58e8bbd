"""Which policies bind an agent at which offset: the newest before it, whatever is repeated or comes late."""

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.control import Agent
from schemas.control_block import ControlRow
from schemas.errors import InvalidMessageError
from schemas.policy import Policy, PolicyTerms
from schemas.topics import Topic
from stream_processors.rules import policies as module
from stream_processors.rules.policies import (
    Policies,
    PolicyVersion,
    decode_packed_policy,
    decode_policy,
    encode_policy,
)
from stream_processors.rules.trust_models import KEPT_OFFSETS

ONE = PolicyTerms(agents=("a", "b"))


def version(
    since: int, number: int = 1, name: str = "p", *, terms: PolicyTerms | None = ONE, tenant: str = "t"
) -> PolicyVersion:
    """A version of a policy; without terms it is deleted."""
    deleted = terms is None
    policy = Policy(tenant, name, number, terms or PolicyTerms(), 1, "ada", 1, "ada", deleted)
    return PolicyVersion(since, number, policy)


def absorbed(*versions: PolicyVersion) -> Policies:
    policies = Policies()
    for record in versions:
        policies.absorb([record])
    return policies


def bound(policies: Policies, agent: str, offset: int, tenant: str = "t") -> list[tuple[str, int]]:
    """Names and versions of the policies that bind an agent."""
    found = policies.at(tenant, agent, offset)
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
    assert policies.at("t", "a", 10) is policies.at("t", "b", 99) is not None
    assert policies.at("t", "c", 10) is None
    policies.absorb([version(20, 2)])
    assert bound(policies, "a", 20) == [("p", 2)]


def test_many_agents_are_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_AGENTS", 1)
    policies = absorbed(version(10))
    assert [len(bound(policies, agent, 10)) for agent in "abcabc"] == [1, 1, 0, 1, 1, 0]


def test_what_is_repeated_or_older_changes_nothing() -> None:
    policies = absorbed(version(10, 2))
    policies.drain_changed()
    policies.absorb([version(11, 1), version(12, 2), version(10, 3)])
    assert policies.drain_changed() == []
    assert (policies.version("t/p"), policies.version("t/q"), policies.version("u/p")) == (2, 0, 0)
    assert policies.all() == [version(10, 2)]


LOG = st.lists(st.tuples(st.integers(1, 4), st.sampled_from("pq"), st.sampled_from([ONE, None])), max_size=8)


@given(LOG, st.data())
def test_what_a_torn_checkpoint_lacks_a_replay_brings(
    log: list[tuple[int, str, PolicyTerms | None]], data: st.DataObject
) -> None:
    records = [version(at, number, name, terms=terms) for at, (number, name, terms) in enumerate(log)]
    whole = absorbed(*records)
    kept = data.draw(st.lists(st.sampled_from(whole.all()), unique_by=id)) if whole.all() else []
    restored = Policies(kept)
    restored.absorb(records)
    assert restored.all() == whole.all()
    assert {record.key for record in restored.drain_changed()} == keys(whole.all()) - keys(kept)
    for offset in range(-1, len(log) + 1):
        assert bound(restored, "a", offset) == bound(whole, "a", offset)


def keys(records: Iterable[PolicyVersion]) -> set[str]:
    return {record.key for record in records}


def test_versions_are_kept_only_as_long_as_a_replay_may_need_them() -> None:
    policies = absorbed(*(version(number * KEPT_OFFSETS, number) for number in range(1, 4)))
    assert [record.version for record in policies.all()] == [2, 3]
    assert policies.drain_gone() == [(f"t/p/{KEPT_OFFSETS}", 3 * KEPT_OFFSETS)]
    assert policies.drain_gone() == []
    policies.absorb([version(3 * KEPT_OFFSETS + 1, 4)])
    assert [record.version for record in policies.all()] == [2, 3, 4]


def test_a_row_is_a_policy_from_its_record_on() -> None:
    policy = version(5, 3).policy
    row = ControlRow(Topic.POLICIES, "t/p", 3, msgspec.Raw(msgspec.json.encode(policy)))
    assert decode_policy(row, 5) == PolicyVersion(5, 3, policy)


@pytest.mark.parametrize(
    "bad",
    [
        ControlRow(Topic.AGENTS, "t/a", 1, msgspec.Raw(msgspec.json.encode(Agent("t", "a", "g", 1)))),
        ControlRow(Topic.POLICIES, "t/p", 1, msgspec.Raw(b"{}")),
    ],
    ids=["another-topic", "nothing"],
)
def test_a_row_that_is_no_policy_is_refused(bad: ControlRow) -> None:
    with pytest.raises(InvalidMessageError):
        decode_policy(bad, 1)


def test_packing_loses_nothing() -> None:
    record = version(7, 2, terms=PolicyTerms(description="ü", allowed_tools=(), autonomy_tier=4))
    assert decode_packed_policy(encode_policy(record)) == record


def test_bytes_of_nothing_are_refused() -> None:
    with pytest.raises(InvalidMessageError, match="not a policy"):
        decode_packed_policy(b"\x01")
