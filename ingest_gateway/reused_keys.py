"""Tells an Idempotency-Key that comes again with another body; best effort, within one process; pure."""

import zlib

from ingest_gateway.errors import KEY_REUSED
from runtime.problems import ProblemError


class ReusedKeys:
    """The bodies' checksums of the last keyed batches.

    Two generations rather than a queue: when the younger is full, the elder is forgotten as a whole. A
    checksum that agrees by chance means a repeated request, for which any other process would take it too.
    """

    def __init__(self, remembered: int) -> None:
        """Remember at least `remembered` batches, and at most twice as many."""
        self._remembered = remembered
        self._young: dict[bytes, int] = {}
        self._old: dict[bytes, int] = {}

    def check(self, batch_id: bytes, body: bytes) -> int:
        """Let a body pass, and return what `remember` wants of it.

        Raises:
            ProblemError: the batch had another body.
        """
        checksum = zlib.crc32(body)
        known = self._young.get(batch_id)
        if known is None:
            known = self._old.get(batch_id)
        if known is not None and known != checksum:
            raise ProblemError(KEY_REUSED, "nothing was stored: send another body with another key")
        return checksum

    def remember(self, batch_id: bytes, checksum: int) -> None:
        """From now on the batch has this body; to be called when its outcome is no longer "not stored"."""
        self._young[batch_id] = checksum
        if len(self._young) >= self._remembered:
            self._old, self._young = self._young, {}
