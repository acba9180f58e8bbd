"""Levels: bands of the published score, down at once, up one step at a time and only when it holds."""

import msgspec

from schemas.derived import TrustLevel
from stream_processors.rules.decay import MINUTE

# Worst first, so that a rank compares; a level begins at its tenths of a point.
LEVELS = (
    TrustLevel.UNTRUSTED,
    TrustLevel.RESTRICTED,
    TrustLevel.WATCH,
    TrustLevel.GOOD,
    TrustLevel.TRUSTED,
)
THRESHOLDS = (0, 300, 500, 700, 850)

RESTRICTED = LEVELS.index(TrustLevel.RESTRICTED)
WATCH = LEVELS.index(TrustLevel.WATCH)
GOOD = LEVELS.index(TrustLevel.GOOD)
UNRATED = -1

RISE_MARGIN = 30
DWELL = 10 * MINUTE


class LevelState(msgspec.Struct, array_like=True):
    """The level's rank, and since when the score has been good enough for the next one (0: it is not)."""

    rank: int = UNRATED
    dwell_since: int = 0


def rank_of(tenths: int) -> int:
    """The rank of the band that a score lies in."""
    rank = 0
    while rank + 1 < len(THRESHOLDS) and tenths >= THRESHOLDS[rank + 1]:
        rank += 1
    return rank


def step_level(state: LevelState, tenths: int, now: int) -> bool:
    """Move the level to a new score; True when it changed."""
    before = state.rank
    band = rank_of(tenths)
    if before == UNRATED or band < before:
        state.rank = band
        state.dwell_since = 0
    elif before + 1 == len(LEVELS) or tenths < THRESHOLDS[before + 1] + RISE_MARGIN:
        state.dwell_since = 0
    elif not state.dwell_since:
        state.dwell_since = now
    elif now - state.dwell_since >= DWELL:
        state.rank = before + 1
        state.dwell_since = 0
    return state.rank != before
