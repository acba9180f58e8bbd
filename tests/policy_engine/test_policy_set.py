"""A set answers as the functions do, however often and whatever it was asked before."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine import policy_set
from policy_engine.deciding import findings_of_call, findings_of_facts
from policy_engine.facts import Call, Facts
from policy_engine.policy_set import PolicySet
from schemas.policy import CostCap, PolicyTerms, ToolConstraint
from tests.policy_engine.policies import compiled

POLICIES = [
    compiled(PolicyTerms(allowed_tools=("a", "b")), "tools"),
    compiled(PolicyTerms(constraints={"*": ToolConstraint(("x",))}), "actions"),
    compiled(PolicyTerms(daily_cost_cap=CostCap(Decimal(1), "USD")), "dollars"),
    compiled(PolicyTerms(daily_cost_cap=CostCap(Decimal(0), "EUR")), "euros"),
]


@given(st.lists(st.builds(Call, st.sampled_from("abc"), st.sampled_from(["x", "y", ""])), max_size=20))
def test_it_answers_as_the_functions_do(calls: list[Call]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy_set, "_MOST_KNOWN", 3)
        policies = PolicySet(POLICIES)
        assert [policies.findings_of_call(*call) for call in calls] == [
            findings_of_call(POLICIES, call) for call in calls
        ]
        assert len(policies._known) <= 3


def test_it_knows_what_is_capped() -> None:
    policies = PolicySet(POLICIES)
    assert policies.capped_currencies == {"USD", "EUR"}
    assert PolicySet(POLICIES[:2]).capped_currencies == set()
    facts = Facts({"USD": 10**13, "EUR": 0})
    assert policies.findings_of_facts(facts) == findings_of_facts(POLICIES, facts)
