"""Where keys and agents come from: the one thing that the gateway needs of the control topics."""

from collections.abc import Mapping
from typing import Protocol

from runtime.control_log import Listener


class ControlSource(Protocol):
    """A reader of control topics that starts once; `runtime.control_log.ControlReader` is one."""

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` for each change, those that `start` reads included."""

    async def start(self) -> None:
        """Read everything that is there, then follow."""

    async def stop(self) -> None:
        """Stop following."""

    @property
    def following(self) -> bool:
        """Whether changes still arrive."""

    @property
    def silent_seconds(self) -> float:
        """For how long changes may have gone unnoticed; asked only while following."""

    @property
    def applied(self) -> Mapping[str, int]:
        """For each topic the offset that is applied next."""
