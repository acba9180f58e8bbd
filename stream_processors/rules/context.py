"""What all rules share while one request of an agent is absorbed."""

import msgspec

from stream_processors.rules.calibration import Calibration


class Context(msgspec.Struct, frozen=True, gc=False):
    """The trust model in force, the agent's clock in milliseconds, and the request's batch id."""

    model: Calibration
    clock: int
    batch_id: bytes
