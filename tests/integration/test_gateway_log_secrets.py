"""Nothing of what agents send stands in the gateway's log, however it fails and however much is logged."""

import gzip
import json
import re
from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from schemas.identity import new_api_key
from tests.integration.gateway_process import LOGS, serving_gateway
from tests.integration.raw_http import exchange, request

pytestmark = [pytest.mark.integration]

AGENT = "discreet"
CANARY = "canary7391"
LOG = {"agentId": AGENT, "level": "info", "message": CANARY, "context": {CANARY: CANARY}}
TRACES = "/v1/traces"


def requests(token: str) -> list[bytes]:
    """One that is taken, and then one for each stage at which a request can fail, full of canaries."""
    key = {"Authorization": f"Bearer {token}"}
    loose = {
        "Idempotency-Key": CANARY,
        "User-Agent": CANARY,
        "X-Governance-ID": f"gov-{AGENT}",
        "Cookie": CANARY,
    }
    head = {**key, **loose, "Content-Type": "application/json"}
    good = json.dumps(LOG).encode()
    return [
        request(LOGS, head, good),
        request(LOGS, head, good.replace(b"info", b"debug")),  # the key, for another body
        request(LOGS, {**head, "Authorization": f"Bearer {token}{CANARY}"}, good),
        request(LOGS, {**head, "Authorization": f"Bearer {new_api_key(AGENT)}"}, good),
        request(LOGS, {**head, "Authorization": f"Basic {CANARY}"}, good),
        request(LOGS, {**head, "X-Agent-ID": CANARY}, good),
        request(f"{LOGS}?key={CANARY}", head, good),
        request(f"/{CANARY}", head, good),
        request(LOGS, head, good, more=f"Idempotency-Key: {CANARY}\r\n"),
        request(LOGS, {**head, "Content-Type": CANARY}, good),
        request(LOGS, {**head, "Content-Encoding": CANARY}, good),
        request(LOGS, {**head, "Content-Encoding": "gzip"}, gzip.compress(good)[:-9]),
        request(LOGS, head, good[:-2]),
        request(LOGS, head, good.replace(b'"info"', f'"{CANARY}"'.encode())),
        request(LOGS, head, good.replace(AGENT.encode(), CANARY.encode())),
        request(LOGS, head, b"[" * 100_000 + CANARY.encode()),
        request(LOGS, head, good, length=CANARY),
        request(TRACES, head, good[:-2]),
        request(TRACES, {**head, "Content-Type": "application/x-protobuf"}, CANARY.encode()),
        CANARY.encode() + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + f"X-{CANARY}: ".encode() + CANARY.encode() * 3000 + b"\r\n\r\n",
    ]


def test_no_key_and_no_text_is_logged(kafka_address: KafkaAddress, tmp_path: Path) -> None:
    with serving_gateway(kafka_address, tmp_path, AGENT, log_level="DEBUG") as (process, reporter):
        statuses = [exchange(process.port, [sent]).status for sent in requests(reporter.token)]
    assert statuses[0] == 202
    assert {*statuses[1:]} <= {400, 401, 403, 404, 413, 415, 422, 431}
    # It is looked for where everything is said.
    tags = set(re.findall(r'"tag": "([a-z-]+)"', process.log))
    assert len(tags) > 10
    for secret in (CANARY, reporter.token, reporter.token[-20:]):
        assert secret not in process.log
