"""How much is worked on in one turn of the event loop, so that it comes round while much has arrived.

Hundreds of large bodies may be complete at once. Were all of them decoded in one turn, it would take seconds,
in which no acknowledgement of Kafka is read, and requests would be told to repeat what is stored long since.
"""

import asyncio
from collections import deque

from ingest_gateway.errors import OVERLOADED
from runtime.problems import ProblemError

# Two milliseconds of work or so: enough that the turn itself, some ten microseconds, does not count.
_BYTES_A_TURN = 128 * 1024


class Pace:
    """Lets bodies through, in the order in which they came; those that wait stay within a limit together."""

    def __init__(self, max_waiting_bytes: int, bytes_a_turn: int = _BYTES_A_TURN) -> None:
        """Nothing waits."""
        self.waiting_bytes = 0
        self._max_waiting_bytes = max_waiting_bytes
        self._bytes_a_turn = bytes_a_turn
        self._left = bytes_a_turn
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._renewing = False

    def take(self, size: int) -> bool:
        """Whether a body may be worked on at once; the last one of a turn may be of any size."""
        if self._waiting or self._left <= 0:
            return False
        self._left -= size
        self._make_sure_of_a_next_turn()
        return True

    async def turn(self, size: int) -> None:
        """Wait until a body that could not be taken may be worked on.

        Raises:
            ProblemError: too much is waiting.
        """
        if self.waiting_bytes + size > self._max_waiting_bytes:
            raise ProblemError(OVERLOADED, "nothing was stored: send again, and slower")
        self.waiting_bytes += size
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        self._make_sure_of_a_next_turn()
        try:
            await turn
        finally:
            self.waiting_bytes -= size

    def _make_sure_of_a_next_turn(self) -> None:
        if not self._renewing:
            self._renewing = True
            asyncio.get_running_loop().call_soon(self._renew)

    def _renew(self) -> None:
        """A new turn: whom it is given to runs after this, and then the next one begins."""
        self._left = self._bytes_a_turn
        while self._waiting and self._left > 0:
            size, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._left -= size
        self._renewing = False
        if self._left < self._bytes_a_turn:
            self._make_sure_of_a_next_turn()
