"""How the agents of the simulated fleet behave: honest ones of three kinds, and nine ways to be bad.

Everything is drawn from the agent's own generator, so an agent is the same whatever else is simulated. Times
are minutes since the start.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, log

DAY = 24 * 60.0
HOUR = 60.0
DAYS = 5
END = DAYS * DAY

# Bad conduct begins within the first hour of the second day.
ONSET = DAY


class Label(StrEnum):
    """What an agent is."""

    NORMAL = "normal"
    NOISY = "noisy"
    SLOW = "slow"
    RETRYING = "retrying"
    OUTAGE = "outage"
    DEGRADING = "degrading"
    ON_OFF = "on-off"
    LIAR = "liar"
    SILENT = "silent"
    FLOODER = "flooder"
    CRITICAL = "critical"
    BURSTY = "bursty"
    SLOWING = "slowing"
    BURNING = "burning"


HONEST = (Label.NORMAL, Label.NOISY, Label.SLOW)


@dataclass(frozen=True, slots=True)
class Episode:
    """From `start` to `end` calls fail at least at `rate`, and come at least `calls` times a minute."""

    start: float
    end: float
    rate: float
    calls: float = 0.0


@dataclass(frozen=True, slots=True)
class Offence:
    """A violation."""

    time: float
    severity: str
    rule: str


@dataclass(slots=True)
class Agent:
    """One agent: what it is, and everything that the stream of its events is made from.

    `errors` is its own rate of failure, `calls` a minute; `latency` the median in milliseconds with
    `spread` the sigma of its logarithm; `onset` when it turns bad; `silent_from` when it falls silent.
    """

    label: Label
    source: random.Random
    calls: float
    errors: float
    latency: float
    spread: float
    onset: float = END
    silent_from: float = END
    episodes: Sequence[Episode] = ()
    offences: Sequence[Offence] = ()
    tools: Sequence[str] = field(default_factory=list)

    def failure_rate(self, time: float, episode: Episode | None) -> float:
        """The probability that a call fails at `time`."""
        rate = self.errors
        if time >= self.onset:
            if self.label is Label.DEGRADING:
                rate += 0.33 * min(1.0, (time - self.onset) / DAY)
            elif self.label is Label.LIAR:
                rate = 0.25
            elif self.label is Label.FLOODER:
                rate = 0.40
        return rate if episode is None else max(rate, episode.rate)

    def lies(self, time: float) -> bool:
        """Whether a failed call at `time` is reported as a success."""
        return self.label is Label.LIAR and time >= self.onset and self.source.random() < 0.7

    def latency_factor(self, time: float) -> float:
        """How many times longer than usual calls take."""
        return 4.0 if self.label is Label.SLOWING and time >= self.onset else 1.0

    def cost_factor(self, time: float) -> float:
        """How many times more than usual calls cost."""
        return 10.0 if self.label is Label.BURNING and time >= self.onset else 1.0

    @property
    def tries(self) -> int:
        """How often the agent tries a call that fails."""
        return 3 if self.label is Label.RETRYING else 1

    def floods(self, time: float) -> bool:
        """Whether the agent adds trivial calls that always succeed."""
        return self.label is Label.FLOODER and time >= self.onset


def make_agent(label: Label, seed: str) -> Agent:
    """The agent that a seed stands for."""
    source = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    noisy, slow = label is Label.NOISY, label is Label.SLOW
    agent = Agent(
        label=label,
        source=source,
        calls=min(6.0, max(0.15, exp(source.gauss(log(0.74), 0.8)))),
        errors=source.uniform(0.06, 0.10) if noisy else source.uniform(0.005, 0.025),
        latency=source.uniform(200.0, 800.0) * (5.0 if slow else 1.0),
        spread=1.0 if slow else 0.5,
        tools=[f"tool-{number}" for number in source.sample(range(50), 4)],
    )
    episodes = _outages(source)
    offences = _offences(source, "low", 2.0 if noisy else 0.2) + _offences(source, "medium", 0.05)
    if label not in (*HONEST, Label.RETRYING, Label.OUTAGE):
        # What is usual has to be known before it can be exceeded: these begin two days later.
        later = 2 * DAY if label in (Label.SLOWING, Label.BURNING) else 0.0
        agent.onset = ONSET + later + source.uniform(0.0, HOUR)
    if label is Label.OUTAGE:
        agent.onset = 2 * DAY
        episodes = [Episode(agent.onset, agent.onset + HOUR, 0.6)]
    elif label is Label.BURSTY:
        episodes += _bursts(source, agent.onset)
    elif label is Label.ON_OFF:
        episodes += _attacks(agent.onset)
    elif label is Label.SILENT:
        agent.silent_from = agent.onset
    elif label is Label.FLOODER:
        offences += _offences(source, "medium", 3.0, agent.onset)
    elif label is Label.CRITICAL:
        offences.append(Offence(agent.onset, "critical", "exfiltration"))
    agent.episodes = sorted(episodes, key=lambda episode: episode.start)
    agent.offences = sorted(offences, key=lambda offence: offence.time)
    return agent


def _outages(source: random.Random) -> list[Episode]:
    """What happens to anybody now and then: 3 to 8 minutes in which half of the calls fail."""
    found, time = [], source.expovariate(0.4 / DAY)
    while time < END:
        found.append(Episode(time, time + source.uniform(3.0, 8.0), 0.5))
        time += source.expovariate(0.4 / DAY)
    return found


def _bursts(source: random.Random, onset: float) -> list[Episode]:
    """5 to 10 minutes in which 4 of 5 calls fail, every 1 to 5 hours."""
    found, time = [], onset
    while time < END:
        length = source.uniform(5.0, 10.0)
        found.append(Episode(time, time + length, 0.8))
        time += length + source.uniform(1.0, 5.0) * HOUR
    return found


def _attacks(onset: float) -> list[Episode]:
    """10 minutes of every 2 hours: at least two calls a minute, of which 9 in 10 fail."""
    starts = range(int((END - onset) // (2 * HOUR)) + 1)
    return [Episode(onset + n * 2 * HOUR, onset + n * 2 * HOUR + 10.0, 0.9, calls=2.0) for n in starts]


def _offences(source: random.Random, severity: str, per_day: float, start: float = 0.0) -> list[Offence]:
    found, time = [], start + source.expovariate(per_day / DAY)
    while time < END:
        found.append(Offence(time, severity, f"rule-{source.randrange(20)}"))
        time += source.expovariate(per_day / DAY)
    return found
