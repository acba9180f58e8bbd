"""What agents send to either peer."""

from pathlib import Path

import pytest

from benchmarks.gateway.arena import collector_request, gateway_request, write_requests
from benchmarks.load import Agent

AGENT = Agent("agent-7", "promethios_agent-7_secret")


@pytest.mark.parametrize("events", [1, 100])
def test_the_bodies_are_of_one_length(events: int) -> None:
    bodies = [
        request(AGENT, events).partition(b"\r\n\r\n")[2] for request in (collector_request, gateway_request)
    ]
    assert len(bodies[0]) == len(bodies[1])


def test_the_gateway_is_shown_the_agents_key() -> None:
    assert b"\r\nAuthorization: Bearer promethios_agent-7_secret\r\n" in gateway_request(AGENT, 1)


def test_requests_are_numbered_files(tmp_path: Path) -> None:
    folder = write_requests(tmp_path / "some" / "folder", [b"first", b"second"])
    assert (folder / "0.http").read_bytes() == b"first"
    assert (folder / "1.http").read_bytes() == b"second"
