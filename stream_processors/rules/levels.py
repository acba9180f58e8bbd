"""Levels: bands of the published score, down at once, up one step at a time and only when it holds."""

import msgspec

from schemas.derived import TrustLevel
from stream_processors.rules.calibration import Calibration

# Worst first, so that a rank compares.
LEVELS = (
    TrustLevel.UNTRUSTED,
    TrustLevel.RESTRICTED,
    TrustLevel.WATCH,
    TrustLevel.GOOD,
    TrustLevel.TRUSTED,
)

RESTRICTED = LEVELS.index(TrustLevel.RESTRICTED)
WATCH = LEVELS.index(TrustLevel.WATCH)
GOOD = LEVELS.index(TrustLevel.GOOD)
UNRATED = -1


class LevelState(msgspec.Struct, array_like=True):
    """The level's rank, and since when the score has been good enough for the next one (0: it is not)."""

    rank: int = UNRATED
    dwell_since: int = 0


def rank_of(tenths: int, thresholds: tuple[int, ...]) -> int:
    """The rank of the band that a score lies in; `thresholds` are where bands begin, in tenths of a point."""
    rank = 0
    while rank + 1 < len(thresholds) and tenths >= thresholds[rank + 1]:
        rank += 1
    return rank


def step_level(state: LevelState, model: Calibration, tenths: int, now: int) -> bool:
    """Move the level to a new score; True when it changed."""
    before = state.rank
    band = rank_of(tenths, model.thresholds)
    if before == UNRATED or band < before:
        state.rank = band
        state.dwell_since = 0
    elif before + 1 == len(LEVELS) or tenths < model.thresholds[before + 1] + model.rise_margin:
        state.dwell_since = 0
    elif not state.dwell_since:
        state.dwell_since = now
    elif now - state.dwell_since >= model.dwell:
        state.rank = before + 1
        state.dwell_since = 0
    return state.rank != before
