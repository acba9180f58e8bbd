"""The receiver in examples/webhooks takes what we sign, once, and nothing else."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from schemas.webhooks import BodyFormat, SigningSecret
from tests.ports import unused
from tests.webhook_dispatcher.samples import SECRET, TENANT, notification_of
from webhook_dispatcher.body import body_of
from webhook_dispatcher.services import now_ms
from webhook_dispatcher.signature import sign

EXAMPLE = Path(__file__).parents[2] / "examples" / "webhooks" / "receiver.py"
START_SECONDS = 120.0


@contextmanager
def receiver(port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE), str(port)],
        env={**os.environ, "WEBHOOK_SECRET": SECRET},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def post(port: int, event_id: str, secret: str = SECRET) -> int:
    body = body_of(notification_of(event_id=event_id), BodyFormat.CLOUDEVENTS)
    headers = sign([SigningSecret(secret)], event_id, now_ms(), body.content)
    headers["content-type"] = body.content_type
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return httpx.post(
                f"http://127.0.0.1:{port}/", content=body.content, headers=headers, timeout=60
            ).status_code
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_example_takes_what_is_signed_and_each_once() -> None:
    port = unused()
    with receiver(port) as process:
        assert post(port, "e0", "whsec_" + "A" * 32) == 400
        assert [post(port, event_id) for event_id in ("e1", "e1", "e2")] == [204] * 3
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
    assert [line.split(" ")[:3] for line in lines] == [
        [event_id, "io.promethios.alert.changed.v1", f"{TENANT}/scout"] for event_id in ("e1", "e2")
    ]
