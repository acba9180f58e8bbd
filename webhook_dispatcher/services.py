"""What every endpoint is given: the log, the sender, the journal, settings."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from webhook_dispatcher.event_log import EventLog
from webhook_dispatcher.journal import Journal
from webhook_dispatcher.metrics import WebhookMetrics
from webhook_dispatcher.progress import RetryPolicy
from webhook_dispatcher.sender import Sender


def now_ms() -> int:
    """The wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One set for each process; `queue` is how many notifications may wait in memory for one endpoint.

    `clock` gives milliseconds since the epoch, `jitter` numbers from 0 to 1.
    """

    log: EventLog
    sender: Sender
    journal: Journal
    metrics: WebhookMetrics
    policy: RetryPolicy
    queue: int
    clock: Callable[[], int] = now_ms
    jitter: Callable[[], float] = random.random
