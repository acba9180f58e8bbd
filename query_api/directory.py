"""The control records as the routes ask for them: by token, by tenant, by agent; pure."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

from schemas.alert_rules import AlertRule, AlertSilence
from schemas.budgets import Budget
from schemas.control import Agent, ApiKey, Tenant
from schemas.erasures import Erasure, ErasureState
from schemas.identity import AgentRef
from schemas.operators import Operator, OperatorToken
from schemas.policy import Policy
from schemas.privacy import PrivacyPolicy
from schemas.topics import Topic
from schemas.webhooks import Webhook

NamedT = TypeVar("NamedT", Policy, AlertRule, AlertSilence, Budget)


class Holder(NamedTuple):
    """A token, in force or not, and whose it is."""

    operator: Operator
    token: OperatorToken


class Directory:
    """An index over the control records, fed with each change in the order of the log."""

    def __init__(self) -> None:
        self._operators: dict[str, Operator] = {}
        self._holders: dict[str, Holder] = {}
        self._tenants: dict[str, Tenant] = {}
        self._agents: dict[AgentRef, Agent] = {}
        self._agent_ids: dict[str, list[str]] = {}
        self._keys: dict[AgentRef, dict[str, ApiKey]] = {}
        self._key_by_hash: dict[str, ApiKey] = {}
        self._key_by_id: dict[str, ApiKey] = {}
        self._privacy: dict[tuple[str, str | None], PrivacyPolicy] = {}
        self._policies: dict[str, dict[str, Policy]] = {}
        self._alert_rules: dict[str, dict[str, AlertRule]] = {}
        self._silences: dict[str, dict[str, AlertSilence]] = {}
        self._budgets: dict[str, dict[str, Budget]] = {}
        self._webhooks: dict[str, dict[str, Webhook]] = {}
        self._erasures: dict[str, dict[str, Erasure]] = {}

    def apply(self, _topic: str, _key: str, data: msgspec.Struct) -> None:  # noqa: C901 - one case a kind
        """Take an entity as it stands from now on."""
        match data:
            case Operator():
                self._apply_operator(data)
            case Tenant():
                self._tenants[data.tenant_id] = data
            case Agent():
                self._apply_agent(data)
            case ApiKey():
                self._apply_key(data)
            case PrivacyPolicy():
                self._privacy[data.tenant_id, data.agent_id] = data
            case Policy(policy_id=name):
                _keep(self._policies, data, name)
            case AlertRule(rule_id=name):
                _keep(self._alert_rules, data, name)
            case AlertSilence(silence_id=name):
                _keep(self._silences, data, name)
            case Budget(budget_id=name):
                _keep(self._budgets, data, name)
            case Webhook():
                self._apply_webhook(data)
            case Erasure(erasure_id=name):
                self._erasures.setdefault(data.tenant_id, {})[name] = data

    def end(self, topic: str, key: str) -> None:
        """Forget an API key that has ended; what else ends was forgotten by its last version."""
        ended = self._key_by_id.pop(key, None) if topic == Topic.API_KEYS else None
        if ended is not None:
            self._key_by_hash.pop(ended.key_hash, None)
            self._keys.get(AgentRef(ended.tenant_id, ended.agent_id), {}).pop(key, None)

    def operator_of_token(self, token_hash: str) -> Holder | None:
        """The operator whose token has this hash, be it in force or not."""
        return self._holders.get(token_hash)

    def operators(self) -> list[Operator]:
        """All operators of all tenants by id, without those that were removed."""
        return [found for _, found in sorted(self._operators.items()) if found.removed_at is None]

    def operator(self, operator_id: str) -> Operator | None:
        """One operator, unless it was removed."""
        found = self._operators.get(operator_id)
        return None if found is None or found.removed_at is not None else found

    def has_tenant(self, tenant_id: str) -> bool:
        """Whether the tenant is known."""
        return tenant_id in self._tenants

    def agent(self, ref: AgentRef) -> Agent | None:
        """The agent, or None."""
        return self._agents.get(ref)

    def agents(self, tenant_id: str, *, after: str, limit: int) -> list[Agent]:
        """At most `limit` agents of a tenant by id, those whose id comes after `after`."""
        ids = self._agent_ids.get(tenant_id, [])
        start = bisect_right(ids, after)
        return [self._agents[AgentRef(tenant_id, agent_id)] for agent_id in ids[start : start + limit]]

    def agent_ids(self, tenant_id: str) -> frozenset[str]:
        """The ids of all agents of a tenant."""
        return frozenset(self._agent_ids.get(tenant_id, ()))

    def labels(self, tenant_id: str) -> dict[str, dict[str, str]]:
        """The labels of all agents of a tenant, by their ids."""
        ids = self._agent_ids.get(tenant_id, ())
        return {agent_id: self._agents[AgentRef(tenant_id, agent_id)].labels for agent_id in ids}

    def suspended(self, tenant_id: str) -> frozenset[str]:
        """The ids of the agents of a tenant that are suspended."""
        ids = self._agent_ids.get(tenant_id, ())
        return frozenset(
            agent_id for agent_id in ids if self._agents[AgentRef(tenant_id, agent_id)].is_suspended
        )

    def keys(self, ref: AgentRef) -> Iterable[ApiKey]:
        """All keys of an agent, revoked ones too, oldest first."""
        return sorted(self._keys.get(ref, {}).values(), key=lambda key: (key.created_at, key.key_id))

    def key(self, ref: AgentRef, key_id: str) -> ApiKey | None:
        """One key of an agent, or None."""
        return self._keys.get(ref, {}).get(key_id)

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        """The key whose text has this hash, revoked and expired ones too."""
        return self._key_by_hash.get(key_hash)

    def privacy_of_tenant(self, tenant_id: str) -> PrivacyPolicy | None:
        """The tenant's own privacy policy, or None."""
        return self._privacy.get((tenant_id, None))

    def privacy_of_agent(self, ref: AgentRef) -> PrivacyPolicy | None:
        """The agent's own privacy policy, or None."""
        return self._privacy.get((ref.tenant_id, ref.agent_id))

    def policies(self, tenant_id: str) -> list[Policy]:
        """A tenant's policies by id, without those that are deleted."""
        return [policy for _, policy in sorted(self._policies.get(tenant_id, {}).items())]

    def policy(self, tenant_id: str, policy_id: str) -> Policy | None:
        """One policy of a tenant, or None."""
        return self._policies.get(tenant_id, {}).get(policy_id)

    def alert_rules(self, tenant_id: str) -> dict[str, AlertRule]:
        """A tenant's own alert rules and what it has put in the place of defaults, by id."""
        return self._alert_rules.get(tenant_id, {})

    def silences(self, tenant_id: str) -> list[AlertSilence]:
        """A tenant's silences by id, without those that are deleted."""
        return [silence for _, silence in sorted(self._silences.get(tenant_id, {}).items())]

    def silence(self, tenant_id: str, silence_id: str) -> AlertSilence | None:
        """One silence of a tenant, or None."""
        return self._silences.get(tenant_id, {}).get(silence_id)

    def budgets(self, tenant_id: str) -> list[Budget]:
        """A tenant's budgets by id, without those that are deleted."""
        return [budget for _, budget in sorted(self._budgets.get(tenant_id, {}).items())]

    def budget(self, tenant_id: str, budget_id: str) -> Budget | None:
        """One budget of a tenant, or None."""
        return self._budgets.get(tenant_id, {}).get(budget_id)

    def erasures(self, tenant_id: str) -> list[Erasure]:
        """A tenant's erasures, oldest first."""
        return sorted(self._erasures.get(tenant_id, {}).values(), key=lambda found: found.erasure_id)

    def all_erasures(self) -> list[Erasure]:
        """The erasures of all tenants, oldest first."""
        found = (erasure for of_tenant in self._erasures.values() for erasure in of_tenant.values())
        return sorted(found, key=lambda erasure: erasure.erasure_id)

    def erasure(self, tenant_id: str, erasure_id: str) -> Erasure | None:
        """One erasure of a tenant, or None."""
        return self._erasures.get(tenant_id, {}).get(erasure_id)

    def is_being_erased(self, ref: AgentRef) -> bool:
        """Whether an erasure of this agent is not done yet."""
        return any(
            erasure.agent_id == ref.agent_id and erasure.state is not ErasureState.DONE
            for erasure in self.erasures(ref.tenant_id)
        )

    def webhooks(self, tenant_id: str) -> list[Webhook]:
        """All webhooks of a tenant that are not deleted, oldest first."""
        return sorted(
            self._webhooks.get(tenant_id, {}).values(), key=lambda found: (found.created_at, found.webhook_id)
        )

    def webhook(self, tenant_id: str, webhook_id: str) -> Webhook | None:
        """One webhook of a tenant, unless it is deleted."""
        return self._webhooks.get(tenant_id, {}).get(webhook_id)

    def _apply_webhook(self, webhook: Webhook) -> None:
        of_tenant = self._webhooks.setdefault(webhook.tenant_id, {})
        if webhook.deleted_at is None:
            of_tenant[webhook.webhook_id] = webhook
        else:
            of_tenant.pop(webhook.webhook_id, None)

    def _apply_operator(self, operator: Operator) -> None:
        known = self._operators.get(operator.operator_id)
        for token in known.tokens if known is not None else ():
            self._holders.pop(token.token_hash, None)
        self._operators[operator.operator_id] = operator
        for token in operator.tokens:
            self._holders[token.token_hash] = Holder(operator, token)

    def _apply_key(self, key: ApiKey) -> None:
        of_agent = self._keys.setdefault(AgentRef(key.tenant_id, key.agent_id), {})
        known = of_agent.get(key.key_id)
        if known is not None:
            self._key_by_hash.pop(known.key_hash, None)
        of_agent[key.key_id] = key
        self._key_by_hash[key.key_hash] = key
        self._key_by_id[key.key_id] = key

    def _apply_agent(self, agent: Agent) -> None:
        ref = AgentRef(agent.tenant_id, agent.agent_id)
        if agent.erased_at is not None:
            self._drop_agent(ref)
            return
        if ref not in self._agents:
            insort(self._agent_ids.setdefault(agent.tenant_id, []), agent.agent_id)
        self._agents[ref] = agent

    def _drop_agent(self, ref: AgentRef) -> None:
        if self._agents.pop(ref, None) is not None:
            self._agent_ids[ref.tenant_id].remove(ref.agent_id)
        self._privacy.pop((ref.tenant_id, ref.agent_id), None)
        for key in self._keys.pop(ref, {}).values():
            self._key_by_hash.pop(key.key_hash, None)


def _keep(found: dict[str, dict[str, NamedT]], record: NamedT, name: str) -> None:
    """Keep what a tenant has under a name, unless it is deleted."""
    of_tenant = found.setdefault(record.tenant_id, {})
    if record.deleted:
        of_tenant.pop(name, None)
    else:
        of_tenant[name] = record
