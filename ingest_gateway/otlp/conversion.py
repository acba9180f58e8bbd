"""What the mapping of one request shares: its encoding, its limits, who sent what, and what was refused."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from ingest_gateway.errors import EVENTS_TOO_LARGE
from ingest_gateway.limits import Limits
from ingest_gateway.otlp.attributes import MAX_NAME, AttributeReader, Attributes, cut
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.model import Scope
from ingest_gateway.otlp.partial_success import Refusals
from ingest_gateway.row_limits import RowLimits
from runtime.problems import ProblemError
from schemas.block import MAX_SEGMENT_BYTES, Kind
from schemas.errors import InvalidMessageError

Rows = dict[Kind, list[msgspec.Struct]]

_SERVICE = "service.name"
# Where OpenTelemetry has exporters put what other formats have no field for.
_SCOPE_VERSION = "otel.scope.version"
_SCOPE_ATTRIBUTE = "otel.scope."
# As much as the stamps in front of a row can take.
_STAMPS = b" " * 512


class Origin(NamedTuple):
    """Where records come from; what a scope says beside its name stands among the resource's attributes."""

    service_name: str
    scope_name: str
    attributes: Attributes


class Levels(NamedTuple):
    """What the fields are called in which a request holds resources, those scopes, and those records."""

    resources: str
    scopes: str
    records: str
    size: Callable[[Sequence[Any]], int] = len


class Conversion:
    """One request on its way to rows."""

    __slots__ = ("_checks_rows", "_index", "_room", "_row_limits", "codec", "limits", "reader", "refusals")

    def __init__(self, codec: Codec, limits: Limits, noun: str, *, checks_rows: bool = False) -> None:
        """`noun` is what its records are called, in the plural.

        With `checks_rows` a record that makes too large a row is refused by itself. That costs as much as the
        rows' encoding, so it is for the second try, when the whole was refused for it.
        """
        self.codec = codec
        self.limits = limits
        self.reader: AttributeReader = codec.reader()
        self.refusals = Refusals(noun)
        self._row_limits = RowLimits(limits)
        self._checks_rows = checks_rows
        self._room = MAX_SEGMENT_BYTES
        self._index = 0

    def scopes(self, request: Any, levels: Levels) -> Iterator[tuple[Origin, int, Sequence[Any]]]:  # noqa: ANN401 - any signal's
        """The records of each scope with their origin, and which one of the request is the first, from 0.

        Those whose origin cannot be kept are refused.

        Raises:
            ProblemError: the request holds too many records, or too many places for them, or says too much
                about their origin.
        """
        # An empty place takes two bytes of a body, and as much work as a full one.
        places = 0
        resources = getattr(request, levels.resources) or ()
        self._row_limits.check_count(len(resources))
        for of_resource in resources:
            resource = of_resource.resource
            scopes = getattr(of_resource, levels.scopes) or ()
            places += len(scopes)
            self._row_limits.check_count(places)
            for of_scope in scopes:
                records = getattr(of_scope, levels.records) or ()
                self._row_limits.check_count(len(records))
                size = levels.size(records)
                self._row_limits.check_count(self._index + size)
                try:
                    attributes = self.reader.attributes(resource.attributes if resource is not None else None)
                    origin = self._origin(attributes, of_scope.scope)
                except InvalidMessageError as error:
                    self.refusals.add(self._index, error, size)
                else:
                    self._make_room(origin, size)
                    yield origin, self._index, records
                self._index += size

    def check(self, row: msgspec.Struct) -> None:
        """Refuse a row that is too large.

        Raises:
            InvalidMessageError: it is.
        """
        if not self._checks_rows:
            return
        try:
            self._row_limits.check([_STAMPS + _encode(row)])
        except ProblemError as problem:
            error = problem.errors[0]
            raise InvalidMessageError(error["reason"], field=error["field"]) from None

    def _origin(self, resource: Attributes, scope: Scope | None) -> Origin:
        service = resource.get(_SERVICE)
        service_name = cut(service, MAX_NAME) if isinstance(service, str) else ""
        if scope is None:
            return Origin(service_name, "", resource)
        for name, value in self.reader.attributes(scope.attributes).items():
            resource[_SCOPE_ATTRIBUTE + name] = value
        if scope.version:
            resource[_SCOPE_VERSION] = cut(scope.version, MAX_NAME)
        return Origin(service_name, cut(scope.name or "", MAX_NAME), resource)

    def _make_room(self, origin: Origin, records: int) -> None:
        """What is sent once stands in every row: little of it, or few of those."""
        self._room -= len(_encode(origin)) * records
        if self._room < 0:
            raise ProblemError(
                EVENTS_TOO_LARGE,
                f"their resources, once a record, take more than {MAX_SEGMENT_BYTES} bytes: send fewer",
            )


_encode = msgspec.json.Encoder().encode
