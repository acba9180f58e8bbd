"""A request's body to its events: one object, an array or NDJSON; pure."""

import codecs
import re
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec
import msgspec.inspect

from ingest_gateway.errors import (
    BAD_FIELDS,
    BAD_JSON,
    CORRECT_AND_REPEAT,
    NO_EVENTS,
    TOO_MANY_EVENTS,
    TOO_MANY_VALUES,
)
from ingest_gateway.field_errors import from_message
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError

MAX_REPORTED_ERRORS = 20

_TRAILING = "trailing characters"
_MOST_SPLIT_BYTES = 1024 * 1024
_IN_ARRAY = re.compile(r"`\$\[(\d+)\]")
_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_UTF_16_AND_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_raw_array = msgspec.json.Decoder(list[msgspec.Raw])
_raw_lines = msgspec.json.Decoder(msgspec.Raw)

PayloadT = TypeVar("PayloadT", bound=msgspec.Struct)


class PayloadDecoder(Generic[PayloadT]):
    """Decodes and validates whole bodies of one payload type at once."""

    def __init__(self, payload: type[PayloadT], limits: Limits) -> None:
        """Take bodies within `limits`."""
        self._one = msgspec.json.Decoder(payload)
        self._many = msgspec.json.Decoder(list[payload])  # type: ignore[valid-type] # the type is an argument
        self._type = msgspec.inspect.type_info(payload)
        self._max_events = limits.max_events
        self._max_values = limits.max_values

    def decode(self, body: bytes, *, lines: bool) -> list[PayloadT]:
        """All events of a body, or none; `lines` says that it was announced as NDJSON.

        Raises:
            ProblemError: not JSON, a field is wrong (each named), no event, or too many.
        """
        if len(body) > self._max_values:
            check_values(body, self._max_values)
        try:
            events = self._events(body, lines=lines)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProblemError(BAD_JSON, _why_no_json(body) or str(error)) from None
        except RecursionError:
            raise ProblemError(BAD_JSON, "it is nested too deep") from None
        if not events:
            raise ProblemError(NO_EVENTS, "send one object, an array of objects, or one object a line")
        if len(events) > self._max_events:
            raise ProblemError(TOO_MANY_EVENTS, f"send at most {self._max_events} events in a request")
        return events

    def _events(self, body: bytes, *, lines: bool) -> list[PayloadT]:
        try:
            return self._decode(body, lines=lines)
        except msgspec.ValidationError as error:
            # Decoded anew event by event to name them all; what is not JSON further on shows then.
            errors = self._field_errors(body, lines=lines) or [_first_error(str(error))]
            raise ProblemError(BAD_FIELDS, CORRECT_AND_REPEAT, errors) from None

    def _decode(self, body: bytes, *, lines: bool) -> list[PayloadT]:
        if _is_array(body):
            return self._many.decode(body)
        if lines:
            return self._one.decode_lines(body)
        try:
            return [self._one.decode(body)]
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError as error:
            # A second object after the first: NDJSON that was not announced.
            if _TRAILING not in str(error):
                raise
            return self._one.decode_lines(body)

    def _field_errors(self, body: bytes, *, lines: bool) -> list[dict[str, Any]]:
        """Every event's first wrong field, up to MAX_REPORTED_ERRORS; the body is known to be wrong.

        None of a large body, of which splitting it would take many times its size.
        """
        if len(body) > _MOST_SPLIT_BYTES:
            return []
        errors = []
        for index, item in enumerate(_split(body, lines=lines)[: self._max_events]):
            try:
                self._one.decode(item)
            except msgspec.ValidationError as error:
                errors.append(from_message(index, str(error), self._type))
                if len(errors) == MAX_REPORTED_ERRORS:
                    break
        return errors


def check_values(body: bytes, most: int) -> None:
    """Refuse JSON of more than `most` values before it is decoded, which takes up to thirty times its size.

    Each value but the first of its array or object stands behind a comma; those within texts are counted too.

    Raises:
        ProblemError: there are more.
    """
    # A comma and a value take two bytes, so that only large bodies are looked at.
    if len(body) > 2 * most and body.count(b",") > most:
        raise ProblemError(TOO_MANY_VALUES, f"send at most {most} JSON values in a request")


def _first_error(message: str) -> dict[str, Any]:
    """The error of msgspec, which names the first wrong event, except where there is one only."""
    index = _IN_ARRAY.search(message)
    if index is None:
        return from_message(0, message)
    return from_message(int(index[1]), message.replace(index[0], "`$", 1))


def _why_no_json(body: bytes) -> str:
    """What is wrong with bytes that cannot be read, where it is one of the usual mistakes."""
    if body.startswith(codecs.BOM_UTF8):
        return "it begins with a byte order mark: send UTF-8 without one"
    if body.startswith(_UTF_16_AND_32) or b"\0" in body[:4]:
        return "it looks like UTF-16 or UTF-32: send UTF-8"
    if _LONE_SURROGATE.search(body):
        return r"it holds half of a surrogate pair, \ud800 to \udfff: send whole characters"
    return ""


def _is_array(body: bytes) -> bool:
    return body[:1] == b"[" or body.lstrip()[:1] == b"["


def _split(body: bytes, *, lines: bool) -> Sequence[msgspec.Raw | bytes]:
    if _is_array(body):
        return _raw_array.decode(body)
    if lines:
        return _raw_lines.decode_lines(body)
    return [body]
