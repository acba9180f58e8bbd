"""What `agents` prints."""

import json

import pytest

from infra.cli.agents import changed_labels, labels_of, print_fields
from infra.cli.client import AgentSummary
from infra.errors import StackError

FIELDS: dict[str, object] = {
    "agent_id": "scout",
    "api_key": "promethios_" + "x" * 300,
    "trust": None,
    "counts": {"logs": 3},
    "permissions": ["a", "b"],
}


def test_a_field_a_line_that_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields(FIELDS, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "agent id",
        "api key",
        "trust",
        "counts: logs",
        "permissions",
    ]
    assert [line.split()[-1] for line in lines] == ["scout", FIELDS["api_key"], "-", "3", "b"]


def test_json_is_the_fields_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields(FIELDS, as_json=True)
    assert json.loads(capsys.readouterr().out) == FIELDS


def test_labels_are_set_and_taken_away() -> None:
    assert changed_labels({"a": "1", "b": "2"}, ["a=3", "b-", "c=x=y", "none-"]) == {"a": "3", "c": "x=y"}
    assert changed_labels({}, []) == {}
    with pytest.raises(StackError, match="team is no label"):
        changed_labels({}, ["team"])


def test_labels_are_written_by_name() -> None:
    agent = AgentSummary("a", "t", "g", "now", {"b": "2", "a": "1"}, "online", None, None)
    assert labels_of(agent) == ["a=1", "b=2"]
