"""Bytes of the format Native that arrive in pieces: moving over values whose length stands among them."""

from collections.abc import Generator

Waiting = Generator[None, None, None]  # it yields whenever more bytes are needed
WaitingForNumber = Generator[None, None, int]


class NativeBytes:
    """A buffer with a position; who reads from it waits by `yield` until the next piece has been added."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._position = 0

    def add(self, piece: bytes) -> None:
        """The bytes that follow."""
        self._buffer += piece

    def take(self) -> bytes:
        """All bytes up to the position, once."""
        taken = bytes(self._buffer[: self._position])
        del self._buffer[: self._position]
        self._position = 0
        return taken

    @property
    def rest(self) -> int:
        """How many bytes stand behind the position."""
        return len(self._buffer) - self._position

    def skip(self, size: int) -> Waiting:
        """Move over `size` bytes, as they come."""
        while self.rest < size:
            size -= self.rest
            self._position = len(self._buffer)
            yield
        self._position += size

    def number(self, size: int) -> WaitingForNumber:
        """A little-endian number of `size` bytes."""
        while self.rest < size:
            yield
        begin = self._position
        self._position += size
        return int.from_bytes(self._buffer[begin : self._position], "little")

    def varint(self) -> WaitingForNumber:
        """A number of seven bits a byte."""
        value = shift = 0
        while True:
            byte = yield from self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def text(self) -> Generator[None, None, str]:
        """A string with its length in front."""
        size = yield from self.varint()
        while self.rest < size:
            yield
        begin = self._position
        self._position += size
        return self._buffer[begin : self._position].decode("utf-8", "surrogateescape")

    def skip_strings(self, count: int) -> Waiting:
        """Move over `count` strings."""
        while count := count - self._skip_short_strings(count):
            size = yield from self.varint()
            yield from self.skip(size)
            count -= 1
            if not count:
                return

    def _skip_short_strings(self, count: int) -> int:
        """Move over strings of less than 128 bytes that are wholly here; as one loop, as most are such."""
        buffer, position, end = self._buffer, self._position, len(self._buffer)
        skipped = 0
        while skipped < count and position < end and (size := buffer[position]) < 0x80:
            if position + size >= end:
                break
            position += size + 1
            skipped += 1
        self._position = position
        return skipped
