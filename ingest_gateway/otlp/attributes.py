"""Attributes and values of OTLP to plain JSON values; pure.

A sender cannot mend what its SDK made: texts that are too long are cut and say so, instead of being refused.
"""

import base64
import math
from collections.abc import Callable, Sequence
from typing import Any

from ingest_gateway.errors import TOO_MANY_VALUES
from ingest_gateway.limits import Limits
from ingest_gateway.otlp.model import AnyValue, KeyValue
from runtime.problems import ProblemError
from schemas.errors import InvalidMessageError

MAX_NAME = 256

# What the mapping puts beside a record's attributes, and around them, counts for the row's limits too.
_OWN_ATTRIBUTES = 8
_OWN_LEVELS = 4

Attributes = dict[str, Any]

# Names the field of a value that is set; None for an empty value.
KindOf = Callable[[AnyValue], str | None]


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and how long it was, together `limit` characters."""
    if len(text) <= limit:
        return text
    mark = f"... [cut from {len(text)} characters]"
    return text[: limit - len(mark)] + mark


def finite(value: float) -> float | str:
    """A number as JSON can say it: NaN and the infinities as the texts that protobuf's JSON form uses."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


class AttributeReader:
    """Reads the attributes of one request, whose values together are limited."""

    __slots__ = ("_deepest", "_kind_of", "_left", "_longest", "_most_keys", "_most_values")

    def __init__(self, limits: Limits, kind_of: KindOf) -> None:
        """`kind_of` is where the encodings differ."""
        self._kind_of = kind_of
        self._left = self._most_values = limits.max_values
        self._most_keys = limits.max_keys - _OWN_ATTRIBUTES
        self._longest = limits.max_text_length
        self._deepest = limits.max_nesting - _OWN_LEVELS

    def attributes(self, pairs: Sequence[KeyValue] | None) -> Attributes:
        """Values by name; of a name that comes twice the last one counts.

        Raises:
            InvalidMessageError: there are too many, or one is nested too deep.
            ProblemError: the request holds too many values.
        """
        if not pairs:
            return {}
        self.admit(len(pairs))
        return dict([self.pair(pair) for pair in pairs])

    def admit(self, attributes: int) -> None:
        """Let a record have so many attributes.

        Raises:
            InvalidMessageError: they are too many for one record.
            ProblemError: they are too many for the request.
        """
        self._left -= attributes
        if self._left < 0 or attributes > self._most_keys:
            self._charge(0)
            raise InvalidMessageError(
                f"holds {attributes}, at most {self._most_keys} are taken", field="attributes"
            )

    def pair(self, pair: KeyValue) -> tuple[str, Any]:
        """Name and value of an attribute.

        Raises:
            InvalidMessageError: it is nested too deep.
            ProblemError: the request holds too many values.
        """
        key = pair.key or ""
        if len(key) > MAX_NAME:
            key = cut(key, MAX_NAME)
        value = pair.value
        if value is None:
            return key, None
        # Nearly all are texts or whole numbers; asking for the kind costs more than looking.
        text = value.string_value
        if text and len(text) <= self._longest:
            return key, text
        return key, value.int_value or self.value(value)

    def value(self, value: AnyValue | None, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
        """A value as JSON: bytes in base64, nothing as null; `depth` counts the containers around it.

        Raises:
            InvalidMessageError: it is nested too deep.
            ProblemError: the request holds too many values.
        """
        kind = None if value is None else self._kind_of(value)
        if value is None or kind is None:
            return None
        content: Any = getattr(value, kind)
        match kind:
            case "string_value":
                content = cut(content, self._longest)
            case "double_value":
                content = finite(content)
            case "bytes_value":
                content = cut(base64.b64encode(content).decode(), self._longest)
            case "array_value":
                content = [self.value(item, depth + 1) for item in self._enter(content.values, depth)]
            case "kvlist_value":
                content = {
                    cut(pair.key or "", MAX_NAME): self.value(pair.value, depth + 1)
                    for pair in self._enter(content.values, depth)
                }
        return content

    def _enter(self, values: Sequence[Any] | None, depth: int) -> Sequence[Any]:
        """The values of a container, if it may be there."""
        if depth == self._deepest:
            raise InvalidMessageError(f"is nested more than {depth} levels deep", field="attributes")
        self._charge(len(values or ()))
        return values or ()

    def _charge(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            raise ProblemError(
                TOO_MANY_VALUES, f"send at most {self._most_values} attribute values in a request"
            )
