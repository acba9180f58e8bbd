"""The jobs of the demo's agents as data, and what came of one; pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from infra.demo.plan import Trade
from schemas.messages.values import Severity


@dataclass(frozen=True, slots=True)
class HashFile:
    """Hash a file's bytes."""

    path: Path
    trade: Trade = field(default=Trade.HASHING, init=False)

    @property
    def subject(self) -> str:
        """What the job is about, for people."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Ask ClickHouse something."""

    sql: str
    trade: Trade = field(default=Trade.QUERYING, init=False)

    @property
    def subject(self) -> str:
        """What the job is about, for people."""
        return self.sql


class TargetService(StrEnum):
    """The services whose routes are called."""

    GATEWAY = "gateway"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class CallRoute:
    """Get a route of one of the stack's own services."""

    service: TargetService
    path: str
    trade: Trade = field(default=Trade.CALLING, init=False)

    @property
    def subject(self) -> str:
        """What the job is about, for people."""
        return f"{self.service} {self.path}"


Job = HashFile | RunQuery | CallRoute


@dataclass(frozen=True, slots=True)
class Done:
    """A job that was tried: `milliseconds` is what it really took, `facts` are its measured results."""

    job: Job
    succeeded: bool
    milliseconds: float
    message: str
    facts: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that the agent's scope does not allow and that was therefore not begun."""

    job: Job
    rule: str
    severity: Severity
    description: str


Outcome = Done | Refused
