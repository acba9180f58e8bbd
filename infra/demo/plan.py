"""Who does what when: the seeded plan of a demo; pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

HEARTBEAT_SECONDS = 1.0

# An agent's first heartbeats teach the processors its interval; until then they assume a minute.
LEARNING_SECONDS = 18.0
# Three missed heartbeats make an agent offline, but no silence below about 17 seconds does. A longer one is
# noticed also where a busy machine has made the heartbeats slow.
SHORTEST_SILENCE_SECONDS = 22.0
LONGEST_SILENCE_SECONDS = 32.0
# Back early enough to be seen online again before the end.
RETURN_SECONDS = 5.0
MIN_SECONDS_FOR_SILENCE = LEARNING_SECONDS + SHORTEST_SILENCE_SECONDS + RETURN_SECONDS
# Of the time that is left, so much is for silences to begin at different times.
_SPREAD_SECONDS = 8.0

_BURST_START = (0.10, 0.20)
_BURST_SHARE = 0.4
_BREACHES_START = (0.20, 0.40)
_BREACHES_SHARE = 0.3
_CRITICAL_AT = (0.30, 0.60)

_MISBEHAVING_SHARE = 0.3


class Trade(StrEnum):
    """The real work that an agent does."""

    HASHING = "hash"
    QUERYING = "query"
    CALLING = "call"


class Conduct(StrEnum):
    """How an agent behaves for a while."""

    GOOD = "good"
    SILENCE = "silent"
    ERROR_BURST = "errors"
    CRITICAL_BREACH = "critical"
    REPEATED_BREACHES = "repeated"


MISCONDUCT = (Conduct.SILENCE, Conduct.ERROR_BURST, Conduct.CRITICAL_BREACH, Conduct.REPEATED_BREACHES)


@dataclass(frozen=True, slots=True)
class Episode:
    """Misconduct from `start` until `end`, in seconds since the agents began to work."""

    conduct: Conduct
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent of a demo; `jobs_seed` seeds its choice of jobs, `episode` is None for a good agent."""

    number: int
    trade: Trade
    jobs_seed: int
    episode: Episode | None

    @property
    def conduct(self) -> Conduct:
        """How the agent will be remembered."""
        return self.episode.conduct if self.episode else Conduct.GOOD

    def conduct_at(self, seconds: float) -> Conduct:
        """How the agent behaves at a moment."""
        if self.episode and self.episode.start <= seconds < self.episode.end:
            return self.episode.conduct
        return Conduct.GOOD


def plan(seed: int, agents: int, seconds: float) -> tuple[AgentPlan, ...]:
    """The agents of a demo, numbered from 1; the same arguments give the same plan.

    At most half of them misbehave, each in one way, the ways in turn. A demo shorter than
    MIN_SECONDS_FOR_SILENCE has no silent agent: its absence could not be noticed.
    """
    source = random.Random(seed)  # noqa: S311 - a repeatable choice, not a secret
    trades = tuple(Trade)
    ways = _ways(seconds)
    misbehaving = sorted(source.sample(range(agents), _misbehaving(agents)))
    source.shuffle(misbehaving)
    way_of = {index: ways[turn % len(ways)] for turn, index in enumerate(misbehaving)}
    return tuple(
        AgentPlan(
            number=index + 1,
            trade=trades[index % len(trades)],
            jobs_seed=source.getrandbits(32),
            episode=_episode(way_of[index], seconds, source) if index in way_of else None,
        )
        for index in range(agents)
    )


def _ways(seconds: float) -> Sequence[Conduct]:
    if seconds >= MIN_SECONDS_FOR_SILENCE:
        return MISCONDUCT
    return [conduct for conduct in MISCONDUCT if conduct is not Conduct.SILENCE]


def _misbehaving(agents: int) -> int:
    wanted = max(len(MISCONDUCT), round(agents * _MISBEHAVING_SHARE))
    return min(wanted, agents // 2)


def _episode(conduct: Conduct, seconds: float, source: random.Random) -> Episode:
    match conduct:
        case Conduct.SILENCE:
            room = seconds - LEARNING_SECONDS - RETURN_SECONDS
            longest = min(room - _SPREAD_SECONDS, LONGEST_SILENCE_SECONDS)
            length = max(longest, SHORTEST_SILENCE_SECONDS)
            start = LEARNING_SECONDS + source.uniform(0.0, room - length)
        case Conduct.ERROR_BURST:
            start, length = seconds * source.uniform(*_BURST_START), seconds * _BURST_SHARE
        case Conduct.REPEATED_BREACHES:
            start, length = seconds * source.uniform(*_BREACHES_START), seconds * _BREACHES_SHARE
        case _:
            # One breach only, but open until the end, so that it comes whenever the next job does.
            start, length = seconds * source.uniform(*_CRITICAL_AT), seconds
    return Episode(conduct, start, min(start + length, seconds))
