"""Types that several messages share: bounded texts and numbers, severities, levels."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

_UINT64_MAX = 2**63 - 1

ShortText = Annotated[str, msgspec.Meta(max_length=256)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
LongText = Annotated[str, msgspec.Meta(max_length=65536)]
Count = Annotated[int, msgspec.Meta(ge=0, le=_UINT64_MAX)]
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
# Without an offset it is taken as UTC, which the format does not say.
Moment = Annotated[datetime, msgspec.Meta(extra_json_schema={"format": "date-time"})]


class Severity(StrEnum):
    """How bad a violation or an alert is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class LogLevel(StrEnum):
    """The level of an agent's log entry."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


class AgentHealth(StrEnum):
    """What an agent says of itself in a heartbeat."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ERROR = "error"
