"""What is in force for an agent: its own policy, else its tenant's, else the default."""

from typing import TypeVar

import msgspec

from schemas.messages.values import LogLevel
from schemas.privacy import OwnPattern, PrivacyMode, PrivacyPolicy

ValueT = TypeVar("ValueT")


class EffectivePolicy(msgspec.Struct, frozen=True):
    """All that decides what becomes of a text; the defaults are those of an agent without any policy.

    Secrets are masked unless somebody wants them kept: nobody wants a key in a log. Personal data is kept
    unless somebody wants it masked: an address may be what an analyst is looking for.
    """

    personal_data: PrivacyMode = PrivacyMode.OFF
    secrets: PrivacyMode = PrivacyMode.MASK
    own_patterns: PrivacyMode = PrivacyMode.MASK
    min_log_level: LogLevel = LogLevel.DEBUG
    patterns: tuple[OwnPattern, ...] = ()
    hash_key: str = ""


DEFAULT = EffectivePolicy()


def effective(tenant: PrivacyPolicy | None, agent: PrivacyPolicy | None) -> EffectivePolicy:
    """The policy of an agent of a tenant; either may have none."""
    nothing = PrivacyPolicy("")
    ours, theirs = agent or nothing, tenant or nothing
    return EffectivePolicy(
        personal_data=_first(ours.personal_data, theirs.personal_data, DEFAULT.personal_data),
        secrets=_first(ours.secrets, theirs.secrets, DEFAULT.secrets),
        own_patterns=_first(ours.own_patterns, theirs.own_patterns, DEFAULT.own_patterns),
        min_log_level=_first(ours.min_log_level, theirs.min_log_level, DEFAULT.min_log_level),
        patterns=theirs.patterns,
        hash_key=theirs.hash_key,
    )


def _first(ours: ValueT | None, theirs: ValueT | None, default: ValueT) -> ValueT:
    if ours is not None:
        return ours
    return default if theirs is None else theirs
