"""The rows that wait for one partition and kind to become a record; pure."""

from ingest_gateway.report import Part
from schemas.block import Kind, Segment, encode_headers

# What a segment takes beside its rows, roughly: its header entry and the objects that hold it.
SEGMENT_OVERHEAD_BYTES = 512


class BlockBuffer:
    """Segments in the order in which they came, and how much they are together."""

    __slots__ = ("_rows", "kind", "partition", "segments", "size")

    def __init__(self, partition: int, kind: Kind) -> None:
        """An empty buffer."""
        self.partition = partition
        self.kind = kind
        self.segments: list[Segment] = []
        self.size = 0
        self._rows: list[bytes] = []

    def add(self, part: Part) -> None:
        """Append a request's rows of this buffer's kind."""
        self.segments.append(part.segment)
        self._rows.append(part.rows)
        self.size += len(part.rows)

    @property
    def lines(self) -> int:
        """How many rows there are."""
        return sum([segment.lines for segment in self.segments])

    @property
    def cost(self) -> int:
        """The bytes of memory that it stands for."""
        return self.size + SEGMENT_OVERHEAD_BYTES * len(self.segments)

    def has_too_late(self, appended_at: int) -> bool:
        """Whether readers leave some segment out, because its record came into the log only then."""
        return any(segment.is_too_late(appended_at) for segment in self.segments)

    def value(self) -> bytes:
        """The record's value."""
        return b"".join(self._rows)

    def headers(self) -> list[tuple[str, bytes]]:
        """The record's headers."""
        return encode_headers(self.kind, self.segments)
