"""Control records: each has a topic and a key, and reads back."""

from decimal import Decimal

import msgspec
import pytest

from schemas.control import (
    CONTROL_TYPES,
    Agent,
    ApiKey,
    ControlData,
    Tenant,
    TrustModel,
    control_key,
    control_topic,
)
from schemas.erasures import Erasure, ErasureMode
from schemas.messages.values import Severity
from schemas.operators import Operator, OperatorToken, Role
from schemas.permissions import Permission
from schemas.policy import CostCap, HighRiskAction, Policy, PolicyRule, PolicyTerms, ToolConstraint
from schemas.privacy import PrivacyMode, PrivacyPolicy
from schemas.retention import Retention
from schemas.trust_model import TrustParameters
from schemas.webhooks import SigningSecret, Webhook

TERMS = PolicyTerms(
    "what build agents may do",
    ("build-*",),
    ("github",),
    {"github": ToolConstraint(("comment",))},
    CostCap(Decimal("25.50"), "USD"),
    2,
    (HighRiskAction("github", "delete_*"),),
    {PolicyRule.DAILY_COST_CAP: Severity.HIGH},
)

SAMPLES: list[tuple[ControlData, str]] = [
    (Tenant("default", 1), "default"),
    (Agent("default", "agent-7", "gov-7", 1), "default/agent-7"),
    (ApiKey("k1", "default", "agent-7", "gov-7", "0" * 64, tuple(Permission), 1), "k1"),
    (Operator("admin", Role.ADMIN, 1, tokens=(OperatorToken("t1", "0" * 64, 1, 2),)), "admin"),
    (PrivacyPolicy("default", hash_key="00"), "default"),
    (TrustModel("default", TrustParameters(forget_after_days=90), 1, "admin"), "default"),
    (Retention("default", {"agent_logs": 30}, 1, "admin"), "default"),
    (PrivacyPolicy("default", "agent-7", secrets=PrivacyMode.OFF), "default/agent-7"),
    (Policy("default", "build", 1, TERMS, 1, "ada", 2, "bob"), "default/build"),
    (Erasure("e1", "default", ErasureMode.ERASE, 1, "ada", agent_id="scout"), "default/e1"),
    (Webhook("w1", "default", "https://example.com", (SigningSecret("whsec_AA=="),), 1, 1, 1), "w1"),
]


@pytest.mark.parametrize(("data", "key"), SAMPLES, ids=lambda value: type(value).__name__)
def test_a_record_has_its_key_and_reads_back(data: ControlData, key: str) -> None:
    assert control_key(data) == key
    assert msgspec.json.decode(msgspec.json.encode(data), type=CONTROL_TYPES[control_topic(data)]) == data
