"""Whose word counts."""

from privacy.policy import DEFAULT, effective
from schemas.messages.values import LogLevel
from schemas.privacy import OwnPattern, PrivacyMode, PrivacyPolicy

PATTERNS = (OwnPattern("staff", "E-1"),)
TENANT = PrivacyPolicy(
    "acme", personal_data=PrivacyMode.HASH, min_log_level=LogLevel.INFO, patterns=PATTERNS, hash_key="00"
)
AGENT = PrivacyPolicy("acme", "agent-1", personal_data=PrivacyMode.OFF, secrets=PrivacyMode.OFF)


def test_without_policies_it_is_the_default() -> None:
    assert effective(None, None) == DEFAULT


def test_a_tenants_word_counts_where_it_has_one() -> None:
    policy = effective(TENANT, None)
    assert (policy.personal_data, policy.secrets) == (PrivacyMode.HASH, PrivacyMode.MASK)
    assert (policy.min_log_level, policy.patterns, policy.hash_key) == (LogLevel.INFO, PATTERNS, "00")


def test_an_agents_word_counts_more() -> None:
    policy = effective(TENANT, AGENT)
    assert (policy.personal_data, policy.secrets) == (PrivacyMode.OFF, PrivacyMode.OFF)
    assert (policy.min_log_level, policy.patterns) == (LogLevel.INFO, PATTERNS)
