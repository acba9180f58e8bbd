"""Which encoding a request is in, and so its answer."""

from collections.abc import Iterable

from ingest_gateway.errors import WRONG_TYPE
from ingest_gateway.limits import Limits
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.json_codec import JsonCodec
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from runtime.problems import ProblemError


class Codecs:
    """Both encodings, shared by all routes."""

    def __init__(self, limits: Limits) -> None:
        """`limits` are those of what a request holds."""
        self._json = JsonCodec(limits)
        codecs: tuple[Codec, ...] = (ProtobufCodec(limits), self._json)
        self._by_type = {codec.media_type: codec for codec in codecs}

    def of(self, content_type: bytes) -> Codec:
        """The encoding that a Content-Type names.

        Raises:
            ProblemError: it names none of ours.
        """
        codec = self._find(content_type)
        if codec is None:
            raise ProblemError(
                WRONG_TYPE, "send Content-Type: application/x-protobuf or application/json, in UTF-8"
            )
        return codec

    def for_error(self, headers: Iterable[tuple[bytes, bytes]]) -> Codec:
        """The encoding in which to say what is wrong with a request; JSON where it cannot be told."""
        for name, value in headers:
            if name == b"content-type":
                return self._find(value) or self._json
        return self._json

    def _find(self, content_type: bytes) -> Codec | None:
        return self._by_type.get(content_type) or self._by_type.get(
            content_type.partition(b";")[0].strip().lower()
        )
