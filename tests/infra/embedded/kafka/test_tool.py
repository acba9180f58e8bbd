"""A tool is run from the jars that were downloaded, or says that there are none."""

from pathlib import Path

import pytest

from infra.embedded.kafka import tool
from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.jars import KAFKA_VERSION, pinned_jars


def test_the_pinned_jars_have_the_tools() -> None:
    assert f"kafka-tools-{KAFKA_VERSION}.jar" in {jar.filename for jar in pinned_jars()}


def test_a_command_ends_with_the_class_and_its_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "find", lambda _: Installation(tmp_path))
    command = tool.command(["org.example.Tool", "--help"])
    assert command[0] == str(Installation(tmp_path).java)
    assert command[-2:] == ["org.example.Tool", "--help"]


@pytest.mark.parametrize(("arguments", "says"), [([], "usage: "), (["org.example.Tool"], "promethios up")])
def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str) -> None:
    monkeypatch.setattr(tool, "find", lambda _: None)
    with pytest.raises(SystemExit, match=says):
        tool.command(arguments)
