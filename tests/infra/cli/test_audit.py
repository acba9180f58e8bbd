"""`promethios audit delivery` says what is not explained, and ends with 1 then."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from infra.cli import audit as module
from infra.cli.main import app
from schemas.delivery import Audit, Delivery

WELL = Delivery(tenant_id="default", agent_id="a", hour=0, requests=1, accepted=5, stored=5)
REPEATED = Delivery(tenant_id="default", agent_id="b", hour=0, requests=2, accepted=10, repeated=5, stored=5)
LOST = Delivery(tenant_id="default", agent_id="c", hour=3_600_000, requests=1, accepted=5, stored=4)


def run(monkeypatch: pytest.MonkeyPatch, found: list[Delivery], *arguments: str) -> tuple[int, str]:
    def audited(_: Path, since: str | None) -> Audit:
        assert since in (None, "24h")
        return Audit(since=0, until=1, deliveries=found, undecodable=2)

    monkeypatch.setattr(module, "_run", audited)
    shown = CliRunner().invoke(app, ["audit", "delivery", *arguments], env={"COLUMNS": "200"})
    return shown.exit_code, shown.output


def test_what_is_stored_is_only_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = run(monkeypatch, [WELL, REPEATED], "--since", "24h")
    assert code == 0
    assert "2 hours of agents: 3 requests, 15 accepted, 5 repeated" in shown
    assert "2 records cannot be read" in shown
    assert "│ b " in shown
    assert "│ a " not in shown
    assert "│ a " in run(monkeypatch, [WELL], "--all")[1]


def test_what_is_lost_is_shown_and_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = run(monkeypatch, [WELL, LOST])
    assert code == 1
    assert "1970-01-01 01:00" in shown
    assert run(monkeypatch, [WELL, LOST], "--agent", "a")[0] == 0


def test_columns_without_anything_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(monkeypatch, [WELL, REPEATED], "--all")[1]
    head = next(line for line in shown.splitlines() if "tenant" in line)
    assert [name.strip() for name in head.strip("┃\n").split("┃")] == [
        "tenant",
        "agent",
        "hour",
        "requests",
        "accepted",
        "repeated",
        "stored",
        "unexplained",
    ]


def test_programs_get_json(monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown = run(monkeypatch, [LOST], "--json")
    assert code == 1
    [one] = orjson.loads(shown)["deliveries"]
    assert (one["agent_id"], one["unexplained"]) == ("c", 1)
