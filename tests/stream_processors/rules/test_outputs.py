"""Ids are a function of rule, agent, partition, offset and line, and of nothing else."""

from schemas.derived import AgentStatus, Alert, AlertState, OnlineStatus
from schemas.messages.values import Severity
from stream_processors.rules.outputs import Outputs, fingerprint

STATUS = AgentStatus("default", "a", OnlineStatus.ONLINE, "seen", "")


def one(rule: str = "r", partition: int = 0, offset: int = 1, line: int = 0, agent: str = "a") -> str:
    outputs = Outputs(partition, offset)
    outputs.add(rule, AgentStatus("default", agent, OnlineStatus.ONLINE, "seen", ""), now=5, line=line)
    return outputs.events[0].id


def test_equal_places_give_equal_ids_and_every_part_counts() -> None:
    ids = [one(), one("s"), one(partition=1), one(offset=2), one(line=1), one(agent="b")]
    assert one() == ids[0]
    assert len(set(ids)) == len(ids)


def test_the_id_is_the_same_in_every_release() -> None:
    assert one() == "6bc09f9e-ec1b-5d21-8723-1e0af3bb6cc1"


def test_the_key_is_the_agent_unless_it_is_given() -> None:
    outputs = Outputs(0, 0)
    outputs.add("r", STATUS, now=5, line=0)
    outputs.add("s", STATUS, now=6, line=0, key="other")
    assert [(event.key, event.time) for event in outputs.events] == [("default/a", 5), ("other", 6)]


def test_an_alert_has_its_rule_in_its_id_and_its_fingerprint_for_a_key() -> None:
    alert = Alert("default", "a", "f", "r", AlertState.FIRING, Severity.LOW, "", "", None, [])
    outputs = Outputs(0, 1)
    outputs.add_alert(alert, now=5, line=0)
    assert [(event.id, event.key, event.data) for event in outputs.events] == [(one("alert/r"), "f", alert)]


def test_a_fingerprint_names_rule_and_agent() -> None:
    assert fingerprint("r", "t", "a") == fingerprint("r", "t", "a")
    assert len({fingerprint("r", "t", "a"), fingerprint("s", "t", "a"), fingerprint("r", "t", "b")}) == 3
