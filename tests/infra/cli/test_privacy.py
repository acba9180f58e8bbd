"""How `privacy` words erasures, and what it asks before it erases."""

import msgspec
import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.cli.privacy import print_report, subject_of, what_is_done
from infra.cli.privacy_client import ErasureDetails
from schemas.erasures import ErasureMode
from tests.infra.cli.test_privacy_client import DONE

FOUND = msgspec.convert(DONE, ErasureDetails)


def test_a_value_is_not_told() -> None:
    assert subject_of(msgspec.structs.replace(FOUND, agent_id="scout")) == "agent scout"
    assert subject_of(msgspec.structs.replace(FOUND, value_characters=15)) == "a value of 15 characters"
    assert subject_of(FOUND) == "a value, forgotten since"


def test_a_report_says_what_was_found_and_what_remains(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(msgspec.structs.replace(FOUND, waits_for="the writer"), as_json=False)
    told = capsys.readouterr().out
    for part in ("agent_logs", "3", "a topic", "compaction", "waits for the writer", "done"):
        assert part in told


@pytest.mark.parametrize("arguments", [[], ["--agent", "a", "--value", "b"]], ids=["neither", "both"])
def test_either_an_agent_or_a_value_is_erased(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["privacy", "erase", "--yes", *arguments])
    assert done.exit_code == 1


def test_nothing_is_erased_without_a_yes() -> None:
    done = CliRunner().invoke(app, ["privacy", "erase", "--agent", "scout"], input="n\n")
    assert done.exit_code == 1
    assert "for good?" in done.output


@pytest.mark.parametrize(
    ("agent", "mode", "asked"),
    [
        ("scout", ErasureMode.ERASE, "Erase the agent scout"),
        ("scout", ErasureMode.ANONYMISE, "End the agent scout, and keep its figures"),
        (None, ErasureMode.ANONYMISE, "Erase that value"),
    ],
)
def test_what_is_asked_says_what_is_kept(agent: str | None, mode: ErasureMode, asked: str) -> None:
    assert what_is_done(agent, mode).startswith(asked)
