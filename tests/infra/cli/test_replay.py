"""`promethios replay`: what it says of a comparison, and when there is none; integration has a real one."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from schemas.verification import Difference, DifferenceKind, Verification

NOBODY = {"PROMETHIOS_KAFKA_URL": "kafka+sasl_plaintext://u:p@127.0.0.1:1"}
STATE = Difference("default/a\x1b", DifferenceKind.STATE)
FOUND = [
    Verification(partition=0, fence=9, states=2, events=3),
    Verification(partition=1, start=4, fence=9, states=2, uncertain=1),
]
BAD = [
    Verification(partition=2, fence=9, differences={STATE.kind: 11}, first=[STATE] * 10),
    Verification(partition=3, refused="the topic was recreated"),
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", *arguments], env={"COLUMNS": "200", **NOBODY})


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Verification]:
    """What the comparison says, in place of a real one."""
    said: list[Verification] = []

    def compare(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        assert command == [sys.executable, "-m", "stream_processors.verification"]
        return subprocess.CompletedProcess(command, 0, b"\n".join(map(msgspec.json.encode, said)))

    monkeypatch.setattr(subprocess, "run", compare)
    return said


def test_without_verify_there_is_nothing_to_do() -> None:
    done = run()
    assert done.exit_code == 1
    assert "--verify" in done.output


def test_a_kafka_that_does_not_answer() -> None:
    done = run("--verify")
    assert done.exit_code == 1
    assert "Kafka could not be read" in done.output


def test_without_a_stack_there_is_nothing_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHIOS_KAFKA_URL", raising=False)
    done = CliRunner().invoke(app, ["replay", "--verify", "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "There is no stack" in done.output


def test_what_is_equal_or_can_be_compared_in_part_only(found: list[Verification]) -> None:
    found += FOUND
    done = run("--verify")
    assert done.exit_code == 0
    assert "The log's start is gone in partition 1," in done.output
    assert "4 to 9" in done.output


@pytest.mark.parametrize("bad", BAD, ids=["different", "refused"])
def test_the_code_says_what_is_not_equal(found: list[Verification], bad: Verification) -> None:
    found += [*FOUND, bad]
    assert run("--verify").exit_code == 1
    as_json = run("--verify", "--json")
    assert as_json.exit_code == 1
    outcomes = [one["outcome"] for one in json.loads(as_json.output)["partitions"]]
    assert outcomes == ["equal", "part", bad.outcome]


def test_differences_are_named_and_do_not_speak_to_the_terminal(found: list[Verification]) -> None:
    found += BAD
    output = run("--verify").output
    assert "Partition 2: default/a\\x1b state\n" in output
    assert "Partition 2: and 1 more" in output
    assert "Partition 3: not compared: the topic was recreated" in output
