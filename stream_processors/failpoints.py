"""Named steps at which a test can have the process killed, as if the power had gone at that very line."""

import os
import signal


class Failpoint:
    """At most one armed step: `name`, or `name:n` for the nth time that it is reached."""

    def __init__(self, armed: str | None = None) -> None:
        """Arm a step, or nothing.

        Raises:
            ValueError: what follows the colon is not a positive number.
        """
        self._name, _, count = (armed or "").partition(":")
        self._left = int(count or 1)
        if self._left < 1:
            raise ValueError(f"a failpoint is a name, or name:n with n of at least 1, not {armed!r}")

    def reach(self, name: str) -> None:
        """Note that a step is reached; does not return if it is the armed one and its time has come."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
