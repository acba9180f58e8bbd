"""The life of an alert: met, firing once that has lasted, resolved, and quiet for a while."""

from typing import NamedTuple

import msgspec

from schemas.derived import AlertChange

# Of an alert that fires on, count and last time are told so often at most (ms).
TELL_AGAIN = 60_000


class Life(msgspec.Struct, array_like=True, gc=False):
    """One alert of an agent; times in milliseconds, 0 for never.

    `met_since` is since when the condition is met, `firing_since` since when it fires, `quiet_until` until
    when it may not fire again. `count` is how often it was found met while something new had come,
    `last_met` when that was last, `rank` the severity's, `silence` the id of what silences it, `told_at` when
    a change was published last.
    """

    met_since: int = 0
    firing_since: int = 0
    quiet_until: int = 0
    last_met: int = 0
    count: int = 0
    rank: int = 0
    silence: str = ""
    told_at: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing of it needs to be remembered."""
        return not (self.met_since or self.firing_since or self.quiet_until)


class Finding(NamedTuple):
    """What a look found of a rule.

    `rank` is the severity's if the condition is met, else None; `fresh` says that something new had come.
    `silence` is the id of a silence that holds now, or empty.
    """

    rank: int | None
    fresh: bool = False
    silence: str = ""


def step(life: Life, found: Finding, now: int, *, for_span: int, cool_down: int) -> AlertChange | None:
    """Move an alert's life to `now` (ms), and say what there is to tell."""
    if life.quiet_until <= now:
        life.quiet_until = 0
    if found.rank is None:
        return _not_met(life, now, cool_down)
    if not life.met_since:
        life.met_since, life.count = now, 0
    if found.fresh or not life.count:
        life.count += 1
        life.last_met = now
    if life.firing_since:
        change = _still_firing(life, found, now)
        life.told_at = life.told_at if change is None else now
        return change
    if now - life.met_since < for_span or life.quiet_until:
        return None
    life.firing_since, life.rank, life.silence = now, found.rank, found.silence
    life.told_at = now
    return AlertChange.FIRED


def next_look(life: Life, now: int, *, for_span: int, refresh_at: int) -> int:
    """When to look again at a life that is not over if nothing new comes, after `now`."""
    if life.firing_since:
        return refresh_at
    # Met but for a shorter time than is asked for, or resolved so lately that it may not fire yet.
    due = life.met_since + for_span if life.met_since else 0
    return max(now + 1, due, life.quiet_until)


def _not_met(life: Life, now: int, cool_down: int) -> AlertChange | None:
    fired = bool(life.firing_since)
    life.met_since = life.firing_since = 0
    if not fired:
        return None
    if cool_down:
        life.quiet_until = now + cool_down
    return AlertChange.RESOLVED


def _still_firing(life: Life, found: Finding, now: int) -> AlertChange | None:
    rank, was_silent = found.rank or 0, bool(life.silence)
    worse = rank > life.rank
    life.rank, life.silence = max(rank, life.rank), found.silence
    if worse:
        return AlertChange.ESCALATED
    if bool(found.silence) != was_silent:
        return AlertChange.SILENCED if found.silence else AlertChange.UNSILENCED
    return AlertChange.RECURRED if found.fresh and now - life.told_at >= TELL_AGAIN else None
