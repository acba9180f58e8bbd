"""A request's body to its events: one object, an array or NDJSON; pure."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from ingest_gateway.errors import BAD_FIELDS, BAD_JSON, CORRECT_AND_REPEAT, NO_EVENTS, TOO_MANY_EVENTS
from ingest_gateway.field_errors import from_message
from runtime.problems import ProblemError

MAX_REPORTED_ERRORS = 20

_TRAILING = "trailing characters"
_raw_array = msgspec.json.Decoder(list[msgspec.Raw])
_raw_lines = msgspec.json.Decoder(msgspec.Raw)

PayloadT = TypeVar("PayloadT", bound=msgspec.Struct)


class PayloadDecoder(Generic[PayloadT]):
    """Decodes and validates whole bodies of one payload type at once."""

    def __init__(self, payload: type[PayloadT], max_events: int) -> None:
        """Take at most `max_events` events a body."""
        self._one = msgspec.json.Decoder(payload)
        self._many = msgspec.json.Decoder(list[payload])  # type: ignore[valid-type] # the type is an argument
        self._max_events = max_events

    def decode(self, body: bytes, *, lines: bool) -> list[PayloadT]:
        """All events of a body, or none; `lines` says that it was announced as NDJSON.

        Raises:
            ProblemError: not JSON, a field is wrong (each named), no event, or too many.
        """
        try:
            events = self._events(body, lines=lines)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProblemError(BAD_JSON, str(error)) from None
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
            errors = self._field_errors(body, lines=lines) or [from_message(0, str(error))]
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
        """Every event's first wrong field, up to MAX_REPORTED_ERRORS; the body is known to be wrong."""
        errors = []
        for index, item in enumerate(_split(body, lines=lines)[: self._max_events]):
            try:
                self._one.decode(item)
            except msgspec.ValidationError as error:
                errors.append(from_message(index, str(error)))
                if len(errors) == MAX_REPORTED_ERRORS:
                    break
        return errors


def _is_array(body: bytes) -> bool:
    return body[:1] == b"[" or body.lstrip()[:1] == b"["


def _split(body: bytes, *, lines: bool) -> Sequence[msgspec.Raw | bytes]:
    if _is_array(body):
        return _raw_array.decode(body)
    if lines:
        return _raw_lines.decode_lines(body)
    return [body]
