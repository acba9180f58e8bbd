"""`python -m tests.fuzz`: generated requests at both services of a real stack for a while, and a report."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

import httpx
import psutil

from tests.fuzz.campaign import Effort, fuzz
from tests.fuzz.targets import gateway_service, query_service
from tests.stack import RunningStack

AGENT = "fuzzed"
_MIB = 1024 * 1024


def main() -> int:
    """Print the report; 1 when anything was found."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("--seconds", type=int, default=240, help="for each of the two services")
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="to repeat a run")
    given = arguments.parse_args()
    effort = Effort(given.seed, examples=25, seconds=given.seconds)
    print(f"seed {effort.seed}")
    with tempfile.TemporaryDirectory(prefix="promethios-fuzz-") as folder:
        stack = RunningStack(Path(folder) / ".promethios")
        try:
            return _run(stack, effort)
        finally:
            stack.down()


def _run(stack: RunningStack, effort: Effort) -> int:
    key = stack.create_agents([AGENT])[AGENT]
    processes = {
        name: psutil.Process(stack.status()["services"][name]["pid"]) for name in ("gateway", "query")
    }
    agent = httpx.get(
        f"{stack.query}/api/v1/agents/{AGENT}", headers={"Authorization": f"Bearer {stack.token}"}
    )
    governance_id = agent.raise_for_status().json()["governance_id"]
    services = {
        "gateway": gateway_service(stack.gateway, key, AGENT, governance_id),
        "query": query_service(stack.query, stack.token, AGENT),
    }
    found = False
    for name, service in services.items():
        before = processes[name].memory_info().rss
        tally = fuzz(service, effort)
        grown = processes[name].memory_info().rss - before
        print(f"\n{name}\n{tally.report()}\nmemory {before / _MIB:.0f} MiB, {grown / _MIB:+.0f} MiB")
        found = found or bool(tally.failures or tally.server_errors)
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
