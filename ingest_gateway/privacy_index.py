"""The privacy policies in memory: built from the control records, asked on each request; pure."""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from privacy.masker import Masker
from privacy.own_patterns import PatternError
from privacy.policy import EffectivePolicy, effective
from privacy.trigger import make_triggers
from runtime.logging import get_logger
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel
from schemas.privacy import PrivacyPolicy

_log = get_logger(__name__)

# Different policies that are in use at a time; one that is left out is compiled anew.
_COMPILED = 1_000


class Privacy(NamedTuple):
    """A policy made ready."""

    masker: Masker
    min_log_level: LogLevel


class PrivacyIndex:
    """What is in force for each agent."""

    def __init__(self) -> None:
        """Nobody has a policy: for every agent it is the default."""
        make_triggers()
        self._tenants: dict[str, PrivacyPolicy] = {}
        self._agents: dict[str, PrivacyPolicy] = {}
        self._compiled: dict[str, Privacy] = {}

    def apply(self, _topic: str, _key: str, data: msgspec.Struct) -> None:
        """Take a changed control record, in the log's order; other kinds of records count for nothing."""
        if not isinstance(data, PrivacyPolicy):
            return
        if data.agent_id is None:
            self._tenants[data.tenant_id] = data
            # Of all its agents; there is no need to know who they are.
            self._compiled.clear()
        else:
            key = AgentRef(data.tenant_id, data.agent_id).key
            self._agents[key] = data
            self._compiled.pop(key, None)

    def of(self, tenant_id: str, agent_key: str) -> Privacy:
        """What is in force for an agent; `agent_key` is its `tenant/agent`."""
        found = self._compiled.get(agent_key)
        if found is None:
            policy = effective(self._tenants.get(tenant_id), self._agents.get(agent_key))
            found = self._compiled[agent_key] = compiled(policy)
        return found


@lru_cache(_COMPILED)
def compiled(policy: EffectivePolicy) -> Privacy:
    """A policy made ready, one for all agents that have the same.

    A pattern is tried before it becomes a record; should one be refused here all the same, texts are masked
    as they would be without own patterns, and the log says so.
    """
    try:
        masker = Masker(policy)
    except PatternError as error:
        _log.error("own_patterns_ignored", reason=str(error))
        masker = Masker(msgspec.structs.replace(policy, patterns=()))
    return Privacy(masker, policy.min_log_level)
