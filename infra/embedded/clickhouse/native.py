"""The format Native as clients of the binary protocol expect it over HTTP (`client_protocol_version`).

The engine writes it as it was before revisions. Since then each block begins with information about it, and
each column says behind its type whether its values are written in another way (ClickHouse's `NativeWriter`).
Drivers that decode it with their code for TCP, such as clickhouse-go, and so Grafana, need both.
"""

from infra.embedded.clickhouse.native_bytes import NativeBytes, Waiting
from infra.embedded.clickhouse.native_columns import column_type, skip_column

_SINCE = (
    54454  # DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION; clients of older ones read what the engine writes
)
_BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"  # field 1: no overflow rows; field 2: bucket -1; end
_ORDINARY_VALUES = b"\x00"


def is_revised(format_name: str, client_protocol_version: int) -> bool:
    """Whether a client that names that version expects blocks other than the engine's."""
    return format_name == "Native" and client_protocol_version >= _SINCE


class RevisedBlocks:
    """Rewrites a stream of blocks piece by piece; it holds the bytes of one value at most beside a piece."""

    def __init__(self) -> None:
        self._source = NativeBytes()
        self._out = bytearray()
        self._blocks = self._rewrite()
        next(self._blocks)

    def rewrite(self, piece: bytes) -> bytes:
        """The next piece, as the client expects it.

        Raises:
            ClickHouseError: there is a column of a type whose length cannot be told.
        """
        self._source.add(piece)
        next(self._blocks)
        self._out += self._source.take()
        rewritten = bytes(self._out)
        self._out.clear()
        return rewritten

    def _rewrite(self) -> Waiting:
        while True:
            while not self._source.rest:
                yield
            self._insert(_BLOCK_INFO)
            columns = yield from self._source.varint()
            rows = yield from self._source.varint()
            for _ in range(columns):
                yield from self._source.text()
                kind = yield from self._source.text()
                self._insert(_ORDINARY_VALUES)
                if rows:
                    yield from skip_column(self._source, column_type(kind), rows)

    def _insert(self, data: bytes) -> None:
        self._out += self._source.take()
        self._out += data
