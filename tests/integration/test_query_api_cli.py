"""The command's groups agents and keys, on a whole stack."""

import json
import uuid
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from tests.stack import RunningStack, promethios

pytestmark = pytest.mark.integration


def run(stack: RunningStack, *arguments: str) -> Result:
    """Run a subcommand in this process, as a process of its own takes a second to start."""
    done = CliRunner().invoke(app, [*arguments, "--data-dir", str(stack.folder.root)])
    assert isinstance(done.exception, SystemExit | None), done.exc_info
    return done


def command(stack: RunningStack, *arguments: str) -> str:
    """What a subcommand that must succeed prints."""
    done = run(stack, *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def parsed(stack: RunningStack, *arguments: str) -> dict[str, Any]:
    """The JSON that it prints."""
    found: dict[str, Any] = json.loads(command(stack, *arguments, "--json"))
    return found


def refused(stack: RunningStack, *arguments: str) -> str:
    """What a subcommand that must fail says, in one line."""
    done = run(stack, *arguments)
    assert done.exit_code == 1, done.output
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def heartbeat(stack: RunningStack, agent_id: str, key: str) -> int:
    """The status that every gateway process answers a key with: each is asked on its own socket."""
    statuses = set()
    for socket in stack.file.gateway_sockets:
        transport = httpx.HTTPTransport(uds=socket)
        with httpx.Client(transport=transport, base_url="http://gateway", timeout=60) as client:
            answer = client.post(
                "/api/v1/agents/heartbeat",
                json={"agentId": agent_id, "status": "active"},
                headers={"Authorization": f"Bearer {key}"},
            )
            statuses.add(answer.status_code)
    [status] = statuses
    return status


def test_a_created_agents_key_works_at_once_and_a_revoked_one_no_more(stack: RunningStack) -> None:
    agent_id = f"cli-{uuid.uuid4().hex[:8]}"
    created = parsed(stack, "agents", "create", agent_id)
    assert set(created) == {"agent_id", "tenant_id", "governance_id", "api_key"}
    assert created["tenant_id"] == "default"
    assert heartbeat(stack, agent_id, created["api_key"]) == 202

    second = parsed(stack, "keys", "create", agent_id, "--permission", "heartbeat.write", "--expires", "1d")
    assert heartbeat(stack, agent_id, second["api_key"]) == 202
    keys = parsed(stack, "keys", "list", agent_id)["keys"]
    assert [key["permissions"] for key in keys][1] == ["heartbeat.write"]
    assert "revoked" in command(stack, "keys", "revoke", agent_id, keys[0]["key_id"])
    assert heartbeat(stack, agent_id, created["api_key"]) == 401
    assert heartbeat(stack, agent_id, second["api_key"]) == 202

    assert agent_id in command(stack, "agents", "list")
    labelled = parsed(stack, "agents", "label", agent_id, "team=payments", "stage=prod")
    assert labelled["labels"] == ["stage=prod", "team=payments"]
    assert parsed(stack, "agents", "label", agent_id, "stage-", "none-")["labels"] == ["team=payments"]
    assert "is no label" in refused(stack, "agents", "label", agent_id, "team")
    assert parsed(stack, "agents", "show", agent_id)["governance_id"] == created["governance_id"]
    assert "exists" in refused(stack, "agents", "create", agent_id)


def test_a_key_is_changed_and_rotated_in_every_gateway_before_the_command_returns(
    stack: RunningStack,
) -> None:
    agent_id = f"cli-{uuid.uuid4().hex[:8]}"
    first = parsed(stack, "agents", "create", agent_id)
    [listed] = parsed(stack, "keys", "list", agent_id)["keys"]
    changed = parsed(
        stack, "keys", "change", agent_id, listed["key_id"], "--name", "ci", "--allow", "192.0.2.1"
    )
    assert (changed["name"], changed["allowed_networks"]) == ("ci", ["192.0.2.1/32"])
    assert heartbeat(stack, agent_id, first["api_key"]) == 403
    parsed(stack, "keys", "change", agent_id, listed["key_id"], "--allow", "anywhere")
    assert heartbeat(stack, agent_id, first["api_key"]) == 202

    second = parsed(stack, "keys", "rotate", agent_id, listed["key_id"])
    assert (second["name"], second["rotated_from"]) == ("ci", listed["key_id"])
    assert (
        heartbeat(stack, agent_id, first["api_key"]) == heartbeat(stack, agent_id, second["api_key"]) == 202
    )
    third = parsed(stack, "keys", "rotate", agent_id, second["key_id"], "--overlap", "0")
    assert heartbeat(stack, agent_id, second["api_key"]) == 401
    assert heartbeat(stack, agent_id, third["api_key"]) == 202
    assert third["key_id"] in command(stack, "keys", "list", agent_id)
    assert "12h" in refused(stack, "keys", "rotate", agent_id, second["key_id"], "--overlap", "soon")


def test_a_suspended_agent_is_refused_by_every_gateway_until_it_is_resumed(stack: RunningStack) -> None:
    agent_id = f"cli-{uuid.uuid4().hex[:8]}"
    key = parsed(stack, "agents", "create", agent_id)["api_key"]
    suspended = parsed(stack, "agents", "suspend", agent_id, "--reason", "sends mail")
    assert suspended["suspended"] is True
    assert heartbeat(stack, agent_id, key) == 403
    assert parsed(stack, "agents", "suspend", agent_id, "--reason", "another") == suspended
    shown = parsed(stack, "agents", "show", agent_id)
    assert (shown["status"], shown["suspension"]["reason"]) == ("suspended", "sends mail")
    assert "sends mail" in command(stack, "agents", "show", agent_id)
    resumed = parsed(stack, "agents", "resume", agent_id)
    assert (resumed["suspended"], resumed["suspension"]["resumed_by"]) == (False, "admin")
    assert heartbeat(stack, agent_id, key) == 202
    assert "no agent" in refused(stack, "agents", "suspend", "nobody", "--reason", "r")
    assert "reason" in refused(stack, "agents", "suspend", agent_id, "--reason", " ")


def test_an_agent_belongs_to_the_tenant_that_was_asked_for(stack: RunningStack) -> None:
    agent_id, tenant = f"cli-{uuid.uuid4().hex[:8]}", f"tenant-{uuid.uuid4().hex[:8]}"
    assert parsed(stack, "agents", "create", agent_id, "--tenant", tenant)["tenant_id"] == tenant
    [listed] = parsed(stack, "agents", "list", "--tenant", tenant)["agents"]
    assert listed["agent_id"] == agent_id
    assert "no agent" in refused(stack, "agents", "show", agent_id)


def test_mistakes_are_one_sentence(stack: RunningStack) -> None:
    assert "no agent" in refused(stack, "keys", "list", "nobody")
    assert "agent_id: must be" in refused(stack, "agents", "create", "bad id")


def test_without_a_stack_it_says_how_to_start_one(stack: RunningStack) -> None:
    done = promethios("agents", "list", "--data-dir", str(stack.folder.root / "none"))
    assert done.returncode == 1
    assert "promethios up" in done.stderr


def role_of(stack: RunningStack, token: str) -> str | None:
    """What the query API takes the token for; None when it takes it for nothing."""
    answer = httpx.get(
        f"{stack.query}/api/v1/whoami", headers={"Authorization": f"Bearer {token}"}, timeout=60
    )
    return str(answer.json()["role"]) if answer.status_code == 200 else None


def test_an_operators_life(stack: RunningStack) -> None:
    operator_id = f"op-{uuid.uuid4().hex[:8]}"
    created = parsed(stack, "operators", "create", operator_id, "--role", "analyst", "--name", "Ada")
    first = created["first_token"]
    assert (created["tenant_id"], role_of(stack, first["token"])) == ("default", "analyst")
    assert operator_id in command(stack, "operators", "list")
    assert parsed(stack, "operators", "change", operator_id, "--role", "viewer")["name"] == "Ada"
    assert role_of(stack, first["token"]) == "viewer"

    second = parsed(stack, "operators", "rotate", operator_id, first["token_id"], "--overlap", "0")
    assert (role_of(stack, first["token"]), role_of(stack, second["token"])) == (None, "viewer")
    third = parsed(stack, "operators", "token", operator_id, "--name", "ci", "--expires", "1d")
    assert "revoked" in command(stack, "operators", "revoke", operator_id, second["token_id"])
    assert (role_of(stack, second["token"]), role_of(stack, third["token"])) == (None, "viewer")
    assert third["token_id"] in command(stack, "operators", "tokens", operator_id)
    assert "removed" in command(stack, "operators", "remove", operator_id)
    assert role_of(stack, third["token"]) is None


def test_the_last_admin_cannot_be_removed(stack: RunningStack) -> None:
    [token] = parsed(stack, "operators", "tokens", "admin")["tokens"]
    for attempt in (
        ("remove", "admin"),
        ("change", "admin", "--role", "viewer"),
        ("revoke", "admin", token["token_id"]),
    ):
        assert "last admin" in refused(stack, "operators", *attempt)
    assert role_of(stack, stack.token) == "admin"
    assert "not never" in refused(stack, "operators", "token", "admin", "--expires", "never")
