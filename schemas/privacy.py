"""What a tenant wants masked in its agents' texts, and from which level on it keeps their logs."""

from enum import StrEnum

import msgspec

from schemas.messages.values import LogLevel


class PrivacyMode(StrEnum):
    """What becomes of what is found: nothing, its label, or its label with a keyed hash."""

    OFF = "off"
    MASK = "mask"
    HASH = "hash"


class OwnPattern(msgspec.Struct, frozen=True):
    """A pattern in RE2's syntax; its matches are masked under its name."""

    name: str
    pattern: str


class PrivacyPolicy(msgspec.Struct, frozen=True):
    """A tenant's policy, or with `agent_id` what an agent of it has otherwise; None means as the other says.

    Own patterns and `hash_key`, 32 bytes in hex, are the tenant's; the key is made with its first policy and
    leaves the control topic through nobody.
    """

    tenant_id: str
    agent_id: str | None = None
    personal_data: PrivacyMode | None = None
    secrets: PrivacyMode | None = None
    own_patterns: PrivacyMode | None = None
    min_log_level: LogLevel | None = None
    patterns: tuple[OwnPattern, ...] = ()
    hash_key: str = ""
