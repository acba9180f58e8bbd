"""Which alerts tell nobody for the time being."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policy_engine.names import Names
from schemas.alert_rules import AlertSilence


@dataclass(frozen=True, slots=True)
class CompiledSilence:
    """A silence made ready to be asked often; times in milliseconds."""

    silence_id: str
    starts_at: int
    ends_at: int
    rules: Names
    agents: Names
    labels: Mapping[str, str]

    def holds(self, rule_id: str, agent_id: str, labels: Mapping[str, str], now: int) -> bool:
        """Whether it silences a rule's alerts of an agent now."""
        return (
            self.starts_at <= now < self.ends_at
            and rule_id in self.rules
            and agent_id in self.agents
            and all(labels.get(name) == value for name, value in self.labels.items())
        )


def compile_silence(silence: AlertSilence) -> CompiledSilence:
    """Make a silence ready."""
    terms = silence.terms
    return CompiledSilence(
        silence_id=silence.silence_id,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        rules=Names(terms.rules),
        agents=Names(terms.agents),
        labels=terms.labels,
    )


def silencing(
    silences: Iterable[CompiledSilence], rule_id: str, agent_id: str, labels: Mapping[str, str], now: int
) -> str:
    """The id of the first silence that holds; empty where none does."""
    for silence in silences:
        if silence.holds(rule_id, agent_id, labels, now):
            return silence.silence_id
    return ""
