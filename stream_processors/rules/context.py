"""What all rules share while one request of an agent is absorbed."""

import msgspec

from alert_engine.agent_alerts import AgentAlerts
from alert_engine.watch import NOBODY, Watch
from stream_processors.rules.calibration import Calibration


class Context(msgspec.Struct, frozen=True, gc=False):
    """The trust model in force, the agent's clock in milliseconds, the batch id, and where rows are counted.

    `alerts` is None where no alert rule is for the agent; `watch` says what rules read.
    """

    model: Calibration
    clock: int
    batch_id: bytes
    alerts: AgentAlerts | None = None
    watch: Watch = NOBODY
