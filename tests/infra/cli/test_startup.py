"""A start ends as soon as something goes wrong, and says what."""

from pathlib import Path

import pytest

from infra.cli.startup import SupervisorGoneError, check_alive, log_tail
from infra.errors import StackError
from infra.supervisor.control import ServiceState, Supervisor
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.deaths import DEATHS, DeathWatch


class ScriptedSupervisor(Supervisor):
    """Says what it is told to say."""

    def __init__(self) -> None:
        super().__init__(Path("/none"))
        self.said: list[ServiceState] | None = []

    def states(self) -> list[ServiceState] | None:
        return self.said


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder.at(tmp_path)
    folder.logs.mkdir()
    (folder.logs / "writer.log").write_text("".join(f"line {number}\n" for number in range(100)))
    return folder


def test_a_service_that_keeps_dying_is_an_error_with_the_end_of_its_log(folder: DataFolder) -> None:
    supervisor, deaths = ScriptedSupervisor(), DeathWatch()
    for pid in range(1, DEATHS + 1):
        supervisor.said = [ServiceState("writer", pid, "starting")]
        check_alive(supervisor, deaths, folder)
    supervisor.said = [ServiceState("writer", 0, "backoff")]
    with pytest.raises(StackError, match=r"(?s)writer keeps dying.*line 99"):
        check_alive(supervisor, deaths, folder)


def test_a_supervisor_that_is_gone_is_told_from_a_failure(folder: DataFolder) -> None:
    supervisor = ScriptedSupervisor()
    supervisor.said = None
    with pytest.raises(SupervisorGoneError):
        check_alive(supervisor, DeathWatch(), folder)


def test_the_log_tail_names_its_file(folder: DataFolder) -> None:
    lines = log_tail(folder, "writer").splitlines()
    assert lines[0].endswith("logs/writer.log")
    assert lines[-1] == "line 99"
    assert len(lines) == 31
