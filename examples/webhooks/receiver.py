"""A receiver of webhooks, with the stock `standardwebhooks` and `cloudevents` packages and nothing of ours.

    pip install standardwebhooks cloudevents
    WEBHOOK_SECRET=whsec_... python examples/webhooks/receiver.py 8000

Verifies the signature over the bytes as they came, answers before it works, and knows a notification that
comes again by its `webhook-id`. Prints one line for each new one. Put TLS before it, or call it on a network
of your own.
"""

import os
import sys
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

MAX_BODY = 1024 * 1024
# A receiver that must not miss a repetition over restarts keeps these in its database.
REMEMBERED = 10_000


class Receiver(BaseHTTPRequestHandler):
    """Takes POST requests on any path."""

    protocol_version = "HTTP/1.1"
    webhook: Webhook
    seen: ClassVar[OrderedDict[str, None]] = OrderedDict()

    def do_POST(self) -> None:
        """Answer 204 to what is signed with the secret, and 400 to anything else."""
        size = int(self.headers.get("content-length", 0))
        if size > MAX_BODY:
            self.close_connection = True
            self.answer(413)
            return
        body = self.rfile.read(size)
        try:
            self.webhook.verify(body, dict(self.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            self.answer(400)
            return
        self.answer(204)
        webhook_id = self.headers["webhook-id"]
        if webhook_id not in self.seen:
            self.seen[webhook_id] = None
            if len(self.seen) > REMEMBERED:
                self.seen.popitem(last=False)
            self.take(body)

    def take(self, body: bytes) -> None:
        """Do what is to be done; here: print it."""
        message = HTTPMessage({"content-type": self.headers["content-type"]}, body)
        event = from_structured(message, JSONFormat())
        print(event.get_id(), event.get_type(), event.get_subject(), event.get_data(), flush=True)

    def answer(self, status: int) -> None:
        """Send a status without a body."""
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing by itself."""


def main() -> None:
    """Serve until it is interrupted."""
    Receiver.webhook = Webhook(os.environ["WEBHOOK_SECRET"])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()


if __name__ == "__main__":
    main()
