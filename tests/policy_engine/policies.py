"""Policies for the tests of the engine."""

from policy_engine.compiled import CompiledPolicy, compile_policy
from schemas.policy import Policy, PolicyTerms


def policy(terms: PolicyTerms, policy_id: str = "build", version: int = 3) -> Policy:
    return Policy("acme", policy_id, version, terms, 1, "ada", 1, "ada")


def compiled(terms: PolicyTerms, policy_id: str = "build") -> CompiledPolicy:
    return compile_policy(policy(terms, policy_id))
