"""Actions that a tool's constraints do not name."""

import pytest

from policy_engine.facts import Call
from policy_engine.findings import Decision
from policy_engine.rules.constraints import action_not_allowed
from schemas.policy import PolicyRule, PolicyTerms, ToolConstraint
from tests.policy_engine.policies import compiled

POLICY = compiled(
    PolicyTerms(
        constraints={
            "github": ToolConstraint(("create_pr", "comment", "merge_pr")),
            "git*": ToolConstraint(("*_pr", "comment")),
            "shell": ToolConstraint(("*",)),
            "git*b": ToolConstraint(("create_*", "comment")),
        }
    )
)


@pytest.mark.parametrize(
    "call",
    [
        Call("github", "create_pr"),
        Call("github", "comment"),
        Call("gitea", "merge_pr"),
        Call("shell", "run"),
        Call("shell"),
        Call("search", "anything"),
        Call("search"),
    ],
)
def test_an_action_that_each_constraint_of_the_tool_names_is_allowed(call: Call) -> None:
    assert action_not_allowed(POLICY, call) is None


@pytest.mark.parametrize(
    "call",
    [
        Call("github", "delete_repo"),
        Call("github", "close_pr"),
        Call("github", "merge_pr"),
        Call("gitea", "push"),
        Call("github", ""),
    ],
)
def test_any_other_is_denied_and_so_is_none(call: Call) -> None:
    finding = action_not_allowed(POLICY, call)
    assert finding is not None
    assert (finding.rule, finding.decision) == (PolicyRule.ACTION_NOT_ALLOWED, Decision.DENY)
    assert repr(call.tool) in finding.explanation
    assert (repr(call.action) if call.action else "without an action") in finding.explanation
