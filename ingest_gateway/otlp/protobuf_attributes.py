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
_CONTAINERS = frozenset({"array_value", "kvlist_value"})

_parse: Any = PairMessage.FromString


class KnownPairs(dict[bytes, Pair]):
    """Attributes by their bytes, read when they are first asked for.

    Short ones are kept, and forgotten all at once when they are many. Those that hold others are left to
    whoever asks, as a KeyError: what they hold is counted by request, and nobody may share it.
    """

    def __init__(self, limits: Limits, kind_of: KindOf) -> None:
        """Nothing is known."""
        super().__init__()
        self._kind_of = kind_of
        self._reader = AttributeReader(limits, kind_of)

    def __missing__(self, raw: bytes) -> Pair:
        message = parse_pair(raw)
        if self._kind_of(message.value) in _CONTAINERS:
            raise KeyError(raw)
        pair = self._reader.pair(message)
        if len(raw) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[raw] = pair
        return pair


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
            return dict(map(self._known.__getitem__, raws))
        except KeyError:
            return dict([self._read(raw) for raw in raws])

    def _read(self, raw: bytes) -> Pair:
        try:
            return self._known[raw]
        except KeyError:
            return self.pair(parse_pair(raw))


def parse_pair(raw: bytes) -> Any:  # noqa: ANN401 - a protobuf message in the shape of a KeyValue
    """An attribute out of its bytes.

    Raises:
        InvalidMessageError: they are none.
    """
    try:
        return _parse(raw)
    except DecodeError as error:
        raise InvalidMessageError(str(error), field="attributes") from None
