"""What the two encodings of OTLP differ in, as the mapping and the endpoint see it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from ingest_gateway.otlp.attributes import AttributeReader
from ingest_gateway.otlp.metric_model import Metric
from ingest_gateway.otlp.model import Identifier, Signal
from ingest_gateway.otlp.partial_success import PartialSuccess
from runtime.problems import ProblemError

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8


class Children(NamedTuple):
    """The messages of a repeated field: counted before they are read, and each read when its turn comes.

    `read` raises InvalidMessageError for one that is malformed.
    """

    items: Sequence[Any]
    read: Callable[[Any], Any]


class Codec(Protocol):
    """Reads requests and writes answers in one encoding; holds no state of a request."""

    media_type: bytes

    def decode(self, signal: Signal, body: bytes) -> Any:  # noqa: ANN401 - the request type of the signal
        """The request, shaped as `model` and `metric_model` say.

        Raises:
            ProblemError: the bytes are not such a request.
        """

    def children(self, parent: Any, field: str) -> Children:  # noqa: ANN401 - any message
        """The messages of a repeated field other than attributes.

        Raises:
            ProblemError: they are too many to be looked at.
        """

    def reader(self) -> AttributeReader:
        """What reads the attributes of one request."""

    def identifier(self, raw: Identifier, size: int) -> str:
        """A trace or span id of `size` bytes in lower-case hexadecimal digits; empty unless it is valid."""

    def optional(self, message: Any, field: str) -> Any:  # noqa: ANN401 - any number of any message
        """A field that knows whether it is set; None when it is not."""

    def data_field(self, metric: Metric) -> str | None:
        """Which field holds the metric's points."""

    def answer(self, signal: Signal, partial: PartialSuccess | None) -> bytes:
        """The body of a 200."""

    def status(self, problem: ProblemError) -> bytes:
        """An error as `google.rpc.Status`."""
