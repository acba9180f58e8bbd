"""What an export holds beside the rows: the agent's control records, as they are shown elsewhere."""

from typing import Self

from pydantic import BaseModel

from query_api.directory import Directory
from query_api.resources.keys import KeyDetails
from query_api.resources.privacy import PolicyOfAgent, policy_of_agent
from query_api.resources.values import Moment, from_milliseconds
from schemas.control import Agent
from schemas.identity import AgentRef


class ExportedAgent(BaseModel):
    """`agent.json` of an export; keys without their texts and hashes."""

    agent_id: str
    tenant_id: str
    governance_id: str
    created_at: Moment
    exported_at: Moment
    keys: list[KeyDetails]
    privacy: PolicyOfAgent | None

    @classmethod
    def of(cls, agent: Agent, directory: Directory, now: int) -> Self:
        """The control records of an agent; `now` in milliseconds."""
        ref = AgentRef(agent.tenant_id, agent.agent_id)
        return cls(
            agent_id=agent.agent_id,
            tenant_id=agent.tenant_id,
            governance_id=agent.governance_id,
            created_at=from_milliseconds(agent.created_at),
            exported_at=from_milliseconds(now),
            keys=[KeyDetails.of(key, None) for key in directory.keys(ref)],
            privacy=policy_of_agent(directory.privacy_of_agent(ref)),
        )
