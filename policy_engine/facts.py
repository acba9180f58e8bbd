"""What is decided upon: the call that an agent makes, and what is known about the agent."""

from collections.abc import Mapping
from typing import NamedTuple


class Call(NamedTuple):
    """A call of a tool; `action` is what the tool is to do, empty where nobody says."""

    tool: str
    action: str = ""


class Facts(NamedTuple):
    """What an agent has spent today, by currency, in cost units (`schemas.messages.cost.cost_units`)."""

    spent_today: Mapping[str, int]
