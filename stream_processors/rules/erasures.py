"""Which agents are erased, from which offset of a partition on: there their states end."""

from schemas.erasures import ErasedAgent
from schemas.topics import Topic
from stream_processors.rules.control_history import ControlHistory


class ErasedAgents(ControlHistory[ErasedAgent, ErasedAgent]):
    """The erasures of agents that came with the log, kept so that none is repeated in it."""

    topic = Topic.ERASURES
    data_type = ErasedAgent

    def prepare(self, data: ErasedAgent) -> ErasedAgent:
        """As it is."""
        return data
