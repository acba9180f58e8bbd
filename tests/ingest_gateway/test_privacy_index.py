"""Policies as they change."""

import msgspec

from ingest_gateway.privacy_index import PrivacyIndex
from privacy.detectors.registry import DETECTORS
from privacy.effort import Effort
from schemas.control import Tenant
from schemas.messages.values import LogLevel
from schemas.privacy import OwnPattern, PrivacyMode, PrivacyPolicy

TENANT = PrivacyPolicy("acme", personal_data=PrivacyMode.MASK, min_log_level=LogLevel.WARN)
AGENT = PrivacyPolicy("acme", "agent-1", personal_data=PrivacyMode.OFF)


def index_of(*policies: msgspec.Struct) -> PrivacyIndex:
    index = PrivacyIndex()
    for policy in policies:
        index.apply("", "", policy)
    return index


def classes(index: PrivacyIndex, agent: str = "agent-1", tenant: str = "acme") -> set[str]:
    return set(map(str, index.of(tenant, f"{tenant}/{agent}").masker.classes)) - {"own_patterns"}


def test_without_policies_the_default_is_in_force() -> None:
    assert classes(index_of(Tenant("acme", 1))) == {"secrets"}


def test_a_tenants_policy_is_its_agents_and_nobody_elses() -> None:
    index = index_of(TENANT)
    assert classes(index) == {"secrets", "personal_data"}
    assert index.of("acme", "acme/agent-1").min_log_level is LogLevel.WARN
    assert classes(index, tenant="other") == {"secrets"}


def test_an_agents_policy_is_its_own() -> None:
    index = index_of(TENANT, AGENT)
    assert classes(index) == {"secrets"}
    assert classes(index, "agent-2") == {"secrets", "personal_data"}


def test_a_change_counts_from_the_next_question_on() -> None:
    index = index_of(TENANT, AGENT)
    assert classes(index) == {"secrets"}
    index.apply("", "", PrivacyPolicy("acme", "agent-1"))
    assert classes(index) == {"secrets", "personal_data"}
    index.apply("", "", PrivacyPolicy("acme", secrets=PrivacyMode.OFF))
    assert classes(index) == set()


def test_agents_of_the_same_policy_share_what_was_made_of_it() -> None:
    index = index_of(TENANT)
    assert index.of("acme", "acme/a") is index.of("acme", "acme/b")


def test_a_pattern_that_is_no_use_does_not_stop_the_rest() -> None:
    index = index_of(msgspec.structs.replace(TENANT, patterns=(OwnPattern("p", "("),)))
    masker = index.of("acme", "acme/agent-1").masker
    assert masker.mask_text("to a@b.co (", DETECTORS, Effort()) == "to [email] ("
