"""What the mapping of one request shares: its encoding, its limits, who sent what, and what was refused."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from ingest_gateway.errors import BAD_PROTOBUF, EVENTS_TOO_LARGE
from ingest_gateway.limits import Limits
from ingest_gateway.otlp.attributes import MAX_NAME, AttributeReader, Attributes, cut
from ingest_gateway.otlp.codec import Children, Codec
from ingest_gateway.otlp.model import Scope
from ingest_gateway.otlp.partial_success import Refusals
from ingest_gateway.row_limits import RowLimits
from runtime.problems import ProblemError
from schemas.block import MAX_SEGMENT_BYTES, Kind
from schemas.errors import InvalidMessageError

Rows = dict[Kind, list[msgspec.Struct]]

Count = Callable[[Children], int]

_SERVICE = "service.name"
# Where OpenTelemetry has exporters put what other formats have no field for.
_SCOPE_VERSION = "otel.scope.version"
_SCOPE_ATTRIBUTE = "otel.scope."
# As much as the stamps in front of a row can take.
_STAMPS = b" " * 512


class Origin(NamedTuple):
    """Where records come from; what a scope says beside its name stands among the resource's attributes.

    `size` is what all that takes in a row, in bytes.
    """

    service_name: str
    scope_name: str
    attributes: Attributes
    size: int


class Levels(NamedTuple):
    """What the fields are called in which a request holds resources, those scopes, and those records."""

    resources: str
    scopes: str
    records: str


class Conversion:
    """One request on its way to rows."""

    __slots__ = (
        "_records",
        "_room",
        "_row_limits",
        "checks_rows",
        "codec",
        "limits",
        "reader",
        "refusals",
    )

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
        self.checks_rows = checks_rows
        self._room = MAX_SEGMENT_BYTES
        self._records = 0

    def scopes(
        self,
        request: Any,  # noqa: ANN401 - any signal's
        levels: Levels,
        count: Count | None = None,
    ) -> Iterator[tuple[Origin, Children]]:
        """What each scope holds, with its origin; that whose origin cannot be kept is refused.

        `count` says how many records that is, where it holds something else than records.

        Raises:
            ProblemError: there are too many places for records, or one is malformed.
        """
        # An empty place takes two bytes of a body, and as much work as a full one.
        children, check_count = self.codec.children, self._row_limits.check_count
        resources = children(request, levels.resources)
        check_count(len(resources.items))
        scopes_until_here = 0
        for of_resource in self._places(resources):
            resource = of_resource.resource
            scopes = children(of_resource, levels.scopes)
            scopes_until_here += len(scopes.items)
            check_count(scopes_until_here)
            for of_scope in self._places(scopes):
                found = children(of_scope, levels.records)
                check_count(len(found.items))
                try:
                    attributes = self.reader.attributes(resource.attributes if resource is not None else None)
                    origin = self._origin(attributes, of_scope.scope)
                except InvalidMessageError as error:
                    records = count(found) if count is not None else len(found.items)
                    self.refusals.add(self._records, error, records)
                    self._records += records
                else:
                    yield origin, found

    def take(self, origin: Origin, records: int) -> int:
        """Let so many records of an origin be mapped; which one of the request the first is, from 0.

        Raises:
            ProblemError: the request holds too many, or says too much of their origin, once for each.
        """
        first = self._records
        self._records += records
        self._row_limits.check_count(self._records)
        self._room -= origin.size * records
        if self._room < 0:
            raise ProblemError(
                EVENTS_TOO_LARGE,
                f"their resources, once a record, take more than {MAX_SEGMENT_BYTES} bytes: send fewer",
            )
        return first

    def check(self, row: msgspec.Struct) -> None:
        """Refuse a row that is too large; to be asked if `checks_rows`.

        Raises:
            InvalidMessageError: it is.
        """
        try:
            self._row_limits.check([_STAMPS + _encode(row)])
        except ProblemError as problem:
            error = problem.errors[0]
            raise InvalidMessageError(error["reason"], field=error["field"]) from None

    def _places(self, places: Children) -> Iterator[Any]:
        for place in places.items:
            try:
                yield places.read(place)
            except InvalidMessageError as error:
                raise ProblemError(BAD_PROTOBUF, f"{error}") from None

    def _origin(self, resource: Attributes, scope: Scope | None) -> Origin:
        service = resource.get(_SERVICE)
        service_name = cut(service, MAX_NAME) if isinstance(service, str) else ""
        scope_name = ""
        if scope is not None:
            scope_name = cut(scope.name or "", MAX_NAME)
            for name, value in self.reader.attributes(scope.attributes).items():
                resource[_SCOPE_ATTRIBUTE + name] = value
            if scope.version:
                resource[_SCOPE_VERSION] = cut(scope.version, MAX_NAME)
        size = len(_encode((service_name, scope_name, resource)))
        return Origin(service_name, scope_name, resource, size)


_encode = msgspec.json.Encoder().encode
