"""Policies as records."""

import msgspec

from schemas.policy import DEFAULT_SEVERITIES, Policy, PolicyRule, PolicyTerms


def test_every_rule_has_a_severity() -> None:
    assert set(DEFAULT_SEVERITIES) == set(PolicyRule)


def test_terms_that_a_later_release_adds_do_not_keep_a_policy_from_being_read() -> None:
    policy = Policy("acme", "build", 1, PolicyTerms(), 1, "ada", 1, "ada")
    document = msgspec.to_builtins(policy)
    document["terms"]["rate_limit"] = 5
    assert msgspec.json.decode(msgspec.json.encode(document), type=Policy) == policy
