"""Ends an agent's control records: first in every process, then for good."""

import time

import msgspec

from query_api.key_registrar import KeyRegistrar
from query_api.records import Records
from runtime.control_state import ControlState
from schemas.control import Agent, ApiKey, control_key
from schemas.identity import AgentRef
from schemas.topics import Topic


class AgentEnding:
    """Every method may be repeated, and raises ProblemError KAFKA_AWAY where the outcome is unknown."""

    def __init__(self, state: ControlState, records: Records, keys: KeyRegistrar) -> None:
        """Look into `state`, which is kept up to date."""
        self._state = state
        self._records = records
        self._keys = keys

    async def revoke(self, ref: AgentRef, *, by: str) -> None:
        """Let no process take its keys any more, nor know it as an agent."""
        for key in self._keys_of(ref):
            await self._keys.revoke(key, by=by)
        entry = self._state.get(Topic.AGENTS, ref.key)
        if entry is not None and isinstance(entry.data, Agent):
            now = time.time_ns() // 1_000_000
            await self._records.change(entry.data, lambda current: _erased(current, now))

    async def end(self, ref: AgentRef) -> None:
        """Have compaction remove its keys, its privacy policy and itself; its id is free afterwards."""
        for key in self._keys_of(ref):
            await self._records.end(Topic.API_KEYS, control_key(key))
        await self._records.end(Topic.PRIVACY_POLICIES, ref.key)
        await self._records.end(Topic.AGENTS, ref.key)

    def _keys_of(self, ref: AgentRef) -> list[ApiKey]:
        found = (entry.data for entry in self._state.all(Topic.API_KEYS).values())
        return [
            key
            for key in found
            if isinstance(key, ApiKey) and (key.tenant_id, key.agent_id) == (ref.tenant_id, ref.agent_id)
        ]


def _erased(agent: Agent, now: int) -> Agent:
    if agent.erased_at is not None:
        return agent
    return msgspec.structs.replace(agent, labels={}, erased_at=now, suspension=None)
