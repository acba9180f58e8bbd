"""Tools that are not allowed."""

import pytest

from policy_engine.facts import Call
from policy_engine.findings import Decision
from policy_engine.rules.allowed_tools import tool_not_allowed
from schemas.policy import PolicyRule, PolicyTerms
from tests.policy_engine.policies import compiled


@pytest.mark.parametrize(
    ("allowed", "tool"),
    [(None, "shell"), (("shell",), "shell"), (("mcp__github__*",), "mcp__github__create_pr"), (("*",), "")],
)
def test_an_allowed_tool_is_found_nothing_against(allowed: tuple[str, ...] | None, tool: str) -> None:
    assert tool_not_allowed(compiled(PolicyTerms(allowed_tools=allowed)), Call(tool)) is None


@pytest.mark.parametrize(
    ("allowed", "tool"), [((), "shell"), (("search",), "shell"), (("search",), ""), (("git*",), "digit")]
)
def test_any_other_is_denied(allowed: tuple[str, ...], tool: str) -> None:
    finding = tool_not_allowed(compiled(PolicyTerms(allowed_tools=allowed)), Call(tool, "run"))
    assert finding is not None
    assert (finding.rule, finding.decision) == (PolicyRule.TOOL_NOT_ALLOWED, Decision.DENY)
    assert repr(tool) in finding.explanation
