"""Decisions over all policies of an agent; the table is founding document 003's."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.deciding import decide, findings_of_call, findings_of_facts, policies_for
from policy_engine.facts import Call, Facts
from policy_engine.findings import Decision
from schemas.messages.cost import cost_units
from schemas.policy import CostCap, HighRiskAction, PolicyRule, PolicyTerms, ToolConstraint
from tests.policy_engine.policies import compiled

ENVELOPE = PolicyTerms(
    allowed_tools=("github", "search"),
    constraints={"github": ToolConstraint(("create_pr", "delete_branch"))},
    daily_cost_cap=CostCap(Decimal(10), "USD"),
    autonomy_tier=2,
    high_risk_actions=(HighRiskAction("github", "delete_*"),),
)
NOTHING_SPENT = Facts({})
TOO_MUCH = Facts({"USD": cost_units(Decimal("10.01"))})


@pytest.mark.parametrize(
    ("call", "facts", "decision", "rules"),
    [
        (Call("github", "create_pr"), NOTHING_SPENT, Decision.ALLOW, []),
        (Call("search"), NOTHING_SPENT, Decision.ALLOW, []),
        (Call("shell"), NOTHING_SPENT, Decision.DENY, [PolicyRule.TOOL_NOT_ALLOWED]),
        (Call("github", "merge"), NOTHING_SPENT, Decision.DENY, [PolicyRule.ACTION_NOT_ALLOWED]),
        (Call("search"), TOO_MUCH, Decision.DENY, [PolicyRule.DAILY_COST_CAP]),
        (
            Call("github", "delete_branch"),
            NOTHING_SPENT,
            Decision.NEEDS_APPROVAL,
            [PolicyRule.HIGH_RISK_ACTION],
        ),
        (
            Call("github", "delete_repo"),
            TOO_MUCH,
            Decision.DENY,
            [PolicyRule.ACTION_NOT_ALLOWED, PolicyRule.HIGH_RISK_ACTION, PolicyRule.DAILY_COST_CAP],
        ),
    ],
    ids=["allowed", "unconstrained", "tool", "action", "cost", "high-risk", "all-at-once"],
)
def test_each_rule_decides_as_the_document_says(
    call: Call, facts: Facts, decision: Decision, rules: list[PolicyRule]
) -> None:
    verdict = decide([compiled(ENVELOPE)], call, facts)
    assert verdict.decision is decision
    assert [finding.rule for finding in verdict.findings] == rules


def test_without_policies_everything_is_allowed() -> None:
    assert decide([], Call("shell"), TOO_MUCH) == (Decision.ALLOW, [])


def test_policies_are_for_the_agents_that_they_name_in_the_order_of_their_ids() -> None:
    everyone = compiled(PolicyTerms(), "everyone")
    builders = compiled(PolicyTerms(agents=("build-*",)), "builders")
    scout = compiled(PolicyTerms(agents=("scout",)), "a-scout")
    policies = [everyone, scout, builders]
    assert policies_for("build-1", policies) == [builders, everyone]
    assert policies_for("scout", policies) == [scout, everyone]
    assert policies_for("other", policies) == [everyone]


TOOLS = st.sampled_from(["a", "b", "c"])
TERMS = st.builds(
    PolicyTerms,
    allowed_tools=st.none() | st.lists(TOOLS, max_size=2).map(tuple),
    constraints=st.dictionaries(TOOLS, st.builds(ToolConstraint, st.lists(TOOLS, max_size=2).map(tuple))),
    daily_cost_cap=st.none() | st.builds(CostCap, st.integers(0, 2).map(Decimal), st.just("USD")),
    autonomy_tier=st.integers(0, 5),
    high_risk_actions=st.lists(st.builds(HighRiskAction, TOOLS, TOOLS), max_size=2).map(tuple),
)
CALLS = st.builds(Call, TOOLS, TOOLS | st.just(""))
FACTS = st.integers(0, 3).map(lambda amount: Facts({"USD": cost_units(Decimal(amount))}))
STRICTNESS = list(Decision)


@settings(max_examples=200)
@given(st.lists(TERMS, max_size=3), TERMS, CALLS, FACTS)
def test_one_more_policy_never_allows_more(
    terms: list[PolicyTerms], more: PolicyTerms, call: Call, facts: Facts
) -> None:
    policies = [compiled(one, f"policy-{place}") for place, one in enumerate(terms)]
    before = decide(policies, call, facts)
    after = decide([*policies, compiled(more, "more")], call, facts)
    assert STRICTNESS.index(after.decision) >= STRICTNESS.index(before.decision)
    assert {(f.policy_id, f.rule) for f in before.findings} <= {(f.policy_id, f.rule) for f in after.findings}


@settings(max_examples=200)
@given(TERMS, CALLS, FACTS)
def test_a_policy_finds_each_rule_once_at_most_and_each_finding_decides(
    terms: PolicyTerms, call: Call, facts: Facts
) -> None:
    policies = [compiled(terms)]
    verdict = decide(policies, call, facts)
    assert list(verdict.findings) == findings_of_call(policies, call) + findings_of_facts(policies, facts)
    rules = [finding.rule for finding in verdict.findings]
    assert len(rules) == len(set(rules))
    assert (verdict.decision is Decision.ALLOW) == (not verdict.findings)
    assert all(finding.decision is not Decision.ALLOW for finding in verdict.findings)
