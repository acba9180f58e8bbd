"""The example in examples/misbehaving shows score, alert and webhook of one and the same misbehaviour."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.stack import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "misbehaving" / "agent.py"


def run(stack: RunningStack) -> str:
    addresses = ["--gateway", stack.gateway, "--query", stack.query]
    addresses += ["--kafka", stack.anonymous_kafka.bootstrap_servers]
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), *addresses],
        env={**os.environ, "PROMETHIOS_TOKEN": stack.token},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_score_alert_and_webhook_tell_of_the_same(stack: RunningStack) -> None:
    shown = re.split(r"\n(?=The )", run(stack).strip())
    trust, alert, webhook = (json.loads(text.partition("\n")[2]) for text in shown)
    assert trust["score"] < 40, trust
    worst = max(trust["reasons"], key=points)
    assert worst["code"] == "violations"
    assert worst["events"], "the reason names what was done"
    assert alert["type"] == "io.promethios.alert.changed.v1"
    assert alert["data"]["severity"] == "critical"
    assert alert["data"]["state"] == "firing"
    assert alert["id"] == webhook["id"]
    assert alert["data"] == webhook["data"]


def points(reason: dict[str, Any]) -> float:
    return float(reason["points"])
