"""Control records: what stands on the compacted control topics, from tenants to webhooks."""

from collections.abc import Callable, Iterable

import msgspec

from schemas.alert_rules import AlertRule, AlertSilence
from schemas.budgets import Budget
from schemas.erasures import Erasure
from schemas.operators import Operator, leaves_no_admin
from schemas.permissions import Permission
from schemas.policy import Policy
from schemas.prices import PriceTable
from schemas.privacy import PrivacyPolicy
from schemas.retention import Retention
from schemas.topics import Topic
from schemas.trust_model import TrustParameters
from schemas.webhooks import Webhook

DEFAULT_TENANT = "default"


class Tenant(msgspec.Struct, frozen=True):
    """A tenant; `created_at` in milliseconds, here and below."""

    tenant_id: str
    created_at: int


class SuspensionSpan(msgspec.Struct, frozen=True):
    """When an agent was suspended last, in milliseconds; it lasts until it is resumed."""

    suspended_at: int
    resumed_at: int | None = None

    @property
    def lasts(self) -> bool:
        """Whether it is still in force."""
        return self.resumed_at is None


class Suspension(SuspensionSpan, frozen=True):
    """The same with who did it, operators' ids, and why."""

    suspended_by: str = ""
    reason: str = ""
    resumed_by: str | None = None


class Agent(msgspec.Struct, frozen=True):
    """An agent that may report; `governance_id` must match X-Governance-ID where an agent sends it.

    `labels` are an operator's, by which rules are for some agents. `suspension` is the last one, in force or
    not. One with `erased_at` is no agent any more: the record is on its way out.
    """

    tenant_id: str
    agent_id: str
    governance_id: str
    created_at: int
    labels: dict[str, str] = {}
    erased_at: int | None = None
    suspension: Suspension | None = None

    @property
    def is_suspended(self) -> bool:
        """Whether nothing that it sends is taken."""
        return self.suspension is not None and self.suspension.lasts


class GovernedAgent(msgspec.Struct, frozen=True):
    """What rules read of an agent's record; never an operator's words."""

    tenant_id: str
    agent_id: str
    labels: dict[str, str] = {}
    erased_at: int | None = None
    suspension: SuspensionSpan | None = None

    @property
    def is_suspended(self) -> bool:
        """Whether nothing that it sends is taken."""
        return self.suspension is not None and self.suspension.lasts


class ApiKey(msgspec.Struct, frozen=True):
    """A key of an agent; of its text only the SHA-256 is kept.

    `lifetime_ms` is how long it was made for, and so its successor: a rotation changes only `expires_at`.
    `allowed_networks` are the CIDRs that it may be used from, none meaning anywhere. `created_by` and
    `revoked_by` are operators' ids, `rotated_from` is the id of the key that it succeeds.
    """

    key_id: str
    tenant_id: str
    agent_id: str
    governance_id: str
    key_hash: str
    permissions: tuple[Permission, ...]
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    name: str = ""
    allowed_networks: tuple[str, ...] = ()
    lifetime_ms: int | None = None
    created_by: str | None = None
    revoked_by: str | None = None
    rotated_from: str | None = None


class TrustModel(msgspec.Struct, frozen=True):
    """A tenant's trust parameters; `changed_by` is an operator's id."""

    tenant_id: str
    parameters: TrustParameters
    changed_at: int
    changed_by: str


ControlData = (
    Tenant
    | Agent
    | ApiKey
    | Operator
    | PrivacyPolicy
    | Policy
    | Budget
    | PriceTable
    | TrustModel
    | Retention
    | AlertRule
    | AlertSilence
    | Webhook
    | Erasure
)

CONTROL_TYPES: dict[Topic, type[ControlData]] = {
    Topic.TENANTS: Tenant,
    Topic.AGENTS: Agent,
    Topic.API_KEYS: ApiKey,
    Topic.OPERATORS: Operator,
    Topic.PRIVACY_POLICIES: PrivacyPolicy,
    Topic.TRUST_MODELS: TrustModel,
    Topic.RETENTIONS: Retention,
    Topic.POLICIES: Policy,
    Topic.BUDGETS: Budget,
    Topic.PRICES: PriceTable,
    Topic.ALERT_RULES: AlertRule,
    Topic.ALERT_SILENCES: AlertSilence,
    Topic.WEBHOOKS: Webhook,
    Topic.ERASURES: Erasure,
}


# What may not follow what came before it on a topic, whoever wrote it: see runtime.control_state.
CONTROL_VOIDS: dict[str, Callable[[Operator, Operator, Iterable[Operator], int], bool]] = {
    Topic.OPERATORS: leaves_no_admin
}


def control_key(data: ControlData) -> str:
    """The key of an entity's record."""
    match data:
        case Tenant() | TrustModel() | PriceTable() | Retention():
            return data.tenant_id
        case Agent():
            return f"{data.tenant_id}/{data.agent_id}"
        case ApiKey(key_id=key) | Operator(operator_id=key) | Webhook(webhook_id=key):
            return key
        case PrivacyPolicy():
            return data.tenant_id if data.agent_id is None else f"{data.tenant_id}/{data.agent_id}"
        case (
            Policy(policy_id=name)
            | AlertRule(rule_id=name)
            | AlertSilence(silence_id=name)
            | Budget(budget_id=name)
            | Erasure(erasure_id=name)
        ):
            return f"{data.tenant_id}/{name}"


def control_topic(data: ControlData) -> Topic:
    """The topic that holds records of this kind."""
    return _TOPIC_BY_TYPE[type(data)]


_TOPIC_BY_TYPE = {data_type: topic for topic, data_type in CONTROL_TYPES.items()}
