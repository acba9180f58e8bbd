"""An agent that goes wrong, and what a fleet's operators see of it: score, alert and webhook.

    pip install httpx aiokafka cloudevents standardwebhooks
    PROMETHIOS_TOKEN=$(cat .promethios/admin.token) python examples/misbehaving/agent.py

Uses stock packages and nothing of ours. Creates an agent, a webhook for it and a receiver of its own; works
well for a while, fails, and then reports what it should not have done. Prints the score with its reasons as
the query API shows it, the alert as a CloudEvent from its Kafka topic, and the webhook once its signature is
verified. The stack has to be allowed to call this machine: PROMETHIOS_OUTGOING_NETWORKS=127.0.0.0/8.
"""

import argparse
import asyncio
import json
import os
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

ALERTS = "promethios.alerts.v1"
ALERT_TYPE = "io.promethios.alert.changed.v1"
WAIT_SECONDS = 60.0


class Receiver(BaseHTTPRequestHandler):
    """Puts what is signed with the secret into the server's queue."""

    def do_POST(self) -> None:
        """Answer 204 to what is signed, and 400 to anything else."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        server: Any = self.server
        try:
            server.webhook.verify(body, dict(self.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            self.send_response(400)
        else:
            message = HTTPMessage({"content-type": self.headers["content-type"]}, body)
            server.verified.put(from_structured(message, JSONFormat()))
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing by itself."""


class Operator:
    """What is done with the query API."""

    def __init__(self, url: str, token: str) -> None:
        """Connect with the first request."""
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """One request; raises httpx.HTTPStatusError for an error."""
        answer = self._client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @contextmanager
    def webhook(self, agent_id: str) -> Iterator["queue.Queue[BaseCloudEvent]"]:
        """A webhook of the agent's alerts to a receiver here; gives the queue of what was verified."""
        server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        wanted = {
            "url": f"http://127.0.0.1:{server.server_port}/hook",
            "event_types": [ALERT_TYPE],
            "agent_ids": [agent_id],
        }
        webhook = self.ask("POST", "/api/v1/webhooks", wanted)
        server.webhook, server.verified = Webhook(webhook["secret"]), queue.Queue()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.verified
        finally:
            self.ask("DELETE", f"/api/v1/webhooks/{webhook['webhook_id']}")
            server.shutdown()
            server.server_close()

    def judged(self, agent_id: str) -> dict[str, Any]:
        """The agent's trust once its violation counts."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            current: dict[str, Any] | None = self.ask("GET", f"/api/v1/agents/{agent_id}/trust")["current"]
            if current is not None and any(reason["code"] == "violations" for reason in current["reasons"]):
                return current
            time.sleep(0.2)
        raise SystemExit(f"the score is {current} after {WAIT_SECONDS:.0f} s")


class Agent:
    """What the agent reports to the gateway."""

    def __init__(self, url: str, agent_id: str, key: str) -> None:
        """Connect with the first report."""
        self._agent_id = agent_id
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=10)

    def call_tools(self, count: int, *, success: bool) -> None:
        """So many calls of a tool, all with the same outcome."""
        call = {"run_id": uuid.uuid4().hex, "tool_name": "search", "success": success, "latency_ms": 120}
        event = {"event_type": "ToolCall", "instance_id": self._agent_id, "payload": call}
        self._report("/v1/telemetry/events", [event] * count)

    def send_data_away(self) -> None:
        """What the agent's guard saw it do."""
        violation = {
            "type": "data-exfiltration",
            "severity": "critical",
            "description": "mailed a customer list",
        }
        report = {"agentId": self._agent_id, "violation": violation}
        self._report("/api/v1/governance/violations", report)

    def _report(self, path: str, body: object) -> None:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        self._client.post(path, json=body, headers=headers).raise_for_status()


async def read_alert(kafka: str, agent_id: str) -> BaseCloudEvent:
    """The agent's first critical alert, as anybody on this machine may read it."""
    consumer = AIOKafkaConsumer(ALERTS, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            async for record in consumer:
                event = from_binary_event(KafkaMessage(dict(record.headers), record.key, record.value))
                data: Any = event.get_data()
                if (data["agent_id"], data["severity"]) == (agent_id, "critical"):
                    return event
    finally:
        await consumer.stop()
    raise SystemExit(f"{ALERTS} has ended")


def verified_webhook(verified: "queue.Queue[BaseCloudEvent]", event_id: str) -> BaseCloudEvent:
    """The webhook of one event; those of others may come before it."""
    while True:
        event = verified.get(timeout=WAIT_SECONDS)
        if event.get_id() == event_id:
            return event


def show(title: str, found: object) -> None:
    """Print what was found as JSON under its title."""
    print(f"\n{title}\n{json.dumps(found, indent=2, default=str)}", flush=True)


def as_json(event: BaseCloudEvent) -> dict[str, Any]:
    """An event as the CloudEvents JSON format has it."""
    found: dict[str, Any] = json.loads(JSONFormat().write(event))
    return found


def main() -> None:
    """Misbehave, and print what comes of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gateway", default="http://127.0.0.1:8080")
    parser.add_argument("--query", default="http://127.0.0.1:8090")
    parser.add_argument("--kafka", default="127.0.0.1:9092")
    options = parser.parse_args()
    operator = Operator(options.query, os.environ["PROMETHIOS_TOKEN"])
    agent_id = f"misbehaving-{uuid.uuid4().hex[:8]}"
    key = operator.ask("POST", "/api/v1/agents", {"agent_id": agent_id})["api_key"]
    agent = Agent(options.gateway, agent_id, key)
    with operator.webhook(agent_id) as verified:
        agent.call_tools(50, success=True)
        agent.call_tools(20, success=False)
        agent.send_data_away()
        trust = operator.judged(agent_id)
        show(f"The trust of {agent_id} is {trust['score']} of 100, {trust['level']}:", trust)
        alert = asyncio.run(read_alert(options.kafka, agent_id))
        show("The alert, read from Kafka:", as_json(alert))
        webhook = verified_webhook(verified, alert.get_id())
        show("The webhook, its signature verified:", as_json(webhook))


if __name__ == "__main__":
    main()
