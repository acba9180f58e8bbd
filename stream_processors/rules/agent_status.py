"""Agent status: online, degraded, offline or suspended.

Offline after three missed heartbeats or an orderly stop; degraded after two, or while the agent's heartbeats
say `error`; any sign of life ends an absence at once. Absence is found by ticks only, so a backlog raises no
alarm. Suspended while an operator says so, whatever else holds. Who was silent because of that is degraded
once it is resumed, and offline when it then stays away.
"""

from schemas.derived import OnlineStatus
from stream_processors.rules.presence import PresenceState, degraded_from, is_excused, offline_from

REASON_SEEN = "seen"
REASON_STOPPED = "stopped"
REASON_ERROR = "heartbeat_error"
REASON_MISSED = "heartbeats_missed"
REASON_SUSPENDED = "suspended"


def status_when_heard(presence: PresenceState) -> tuple[OnlineStatus, str]:
    """The status right after a sign of life, and why."""
    if presence.suspended:
        return OnlineStatus.SUSPENDED, REASON_SUSPENDED
    if presence.stopped_at:
        return OnlineStatus.OFFLINE, REASON_STOPPED
    if presence.failing:
        return OnlineStatus.DEGRADED, REASON_ERROR
    return OnlineStatus.ONLINE, REASON_SEEN


def status_at_tick(presence: PresenceState, now: int) -> tuple[OnlineStatus, str]:
    """The status as time passes without a sign of life, and why."""
    if not is_excused(presence):
        if now >= offline_from(presence):
            return OnlineStatus.OFFLINE, REASON_MISSED
        if now >= degraded_from(presence):
            return OnlineStatus.DEGRADED, REASON_MISSED
    return status_when_heard(presence)


def next_status_check(presence: PresenceState, status: OnlineStatus) -> int | None:
    """When silence will change `status`, in milliseconds; None when it cannot."""
    if status in {OnlineStatus.OFFLINE, OnlineStatus.SUSPENDED}:
        return None
    return degraded_from(presence) if status is OnlineStatus.ONLINE else offline_from(presence)
