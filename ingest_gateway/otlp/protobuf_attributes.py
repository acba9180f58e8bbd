"""Attributes of protobuf requests: read from bytes, and kept for as long as they keep coming."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import KeyValue as PairMessage

from ingest_gateway.limits import Limits
from ingest_gateway.otlp.attributes import AttributeReader, Attributes, KindOf
from ingest_gateway.otlp.model import KeyValue
from schemas.errors import InvalidMessageError

Pair = tuple[str, Any]

_LONGEST_KEPT = 160
_MOST_KEPT = 8_192

_parse: Any = PairMessage.FromString


class KnownPairs(dict[bytes, Pair]):
    """Attributes by their bytes: short ones with plain values, forgotten all at once when they are many."""

    def keep(self, raw: bytes, pair: Pair) -> None:
        """Remember an attribute that may come again."""
        if len(raw) <= _LONGEST_KEPT and not isinstance(pair[1], dict | list):
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[raw] = pair


class ProtobufAttributeReader(AttributeReader):
    """Reads `repeated bytes attributes` of `protobuf_view`."""

    __slots__ = ("_known",)

    def __init__(self, limits: Limits, kind_of: KindOf, known: KnownPairs) -> None:
        """`known` outlives the request; what it keeps depends on nothing but the bytes."""
        super().__init__(limits, kind_of)
        self._known = known

    def attributes(self, pairs: Sequence[KeyValue] | None) -> Attributes:
        """See `AttributeReader`; what is not an attribute is refused."""
        if not pairs:
            return {}
        self.admit(len(pairs))
        # A slice is a list, which the container of protobuf makes faster than it is iterated over.
        raws: Any = pairs[:]
        try:
            # In one go where all are known, as they mostly are.
            return dict(map(self._known.__getitem__, raws))
        except KeyError:
            return dict([self._known.get(raw) or self._read(raw) for raw in raws])

    def _read(self, raw: bytes) -> Pair:
        try:
            pair = self.pair(_parse(raw))
        except DecodeError as error:
            raise InvalidMessageError(str(error), field="attributes") from None
        self._known.keep(raw, pair)
        return pair
