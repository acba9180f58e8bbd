"""Trials become what the engine asks for, and its verdicts become answers."""

from decimal import Decimal

from policy_engine.facts import Call, Facts
from policy_engine.findings import Decision, Finding, Verdict
from query_api.resources.policies import Money
from query_api.resources.policy_trials import CallTrial, CallVerdict
from schemas.messages.values import Severity
from schemas.policy import PolicyRule


def test_a_trial_without_wishes_is_a_call_of_somebody_who_spent_nothing() -> None:
    trial = CallTrial(agent_id="scout", tool="search")
    assert (trial.call(), trial.facts()) == (Call("search"), Facts({}))


def test_money_is_counted_in_its_smallest_steps() -> None:
    spent = Money(amount=Decimal("3.50"), currency="EUR")
    trial = CallTrial(agent_id="scout", tool="search", action="run", spent_today=spent)
    assert (trial.call(), trial.facts()) == (Call("search", "run"), Facts({"EUR": 3_500_000_000_000}))


def test_a_verdict_is_shown_with_all_that_was_found() -> None:
    finding = Finding("build", 2, PolicyRule.TOOL_NOT_ALLOWED, Severity.HIGH, Decision.DENY, "because")
    assert CallVerdict.of(Verdict(Decision.DENY, [finding])).model_dump(mode="json") == {
        "decision": "deny",
        "findings": [
            {
                "policy_id": "build",
                "policy_version": 2,
                "rule": "tool_not_allowed",
                "severity": "high",
                "decision": "deny",
                "explanation": "because",
            }
        ],
    }
