"""What a new version of a published JSON Schema must not do to those who read by the old one; pure.

Allowed are optional fields that are added, at any depth, and other titles and descriptions. Everything else
is a breaking change: also a value added to an enumeration, as a reader may have a case for each, and a field
that ceases to be required or becomes so, as records of both kinds lie on one topic.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_ANNOTATIONS = {"$schema", "$defs", "title", "description", "examples"}
_COMPARED_APART = {"properties", "required", "items", "anyOf", "additionalProperties"}
_REFERENCE = "$ref"


def breaking_changes(released: Mapping[str, Any], current: Mapping[str, Any]) -> list[str]:
    """A sentence for each breaking change from one schema document to the next; none means compatible.

    Understood is what `json_schema` generates; a schema must not contain itself.
    """
    return list(_compare("", _node(released, released), _node(current, current)))


class _Node(NamedTuple):
    """A schema without reference at its top, and the document that further ones point into."""

    schema: Mapping[str, Any]
    document: Mapping[str, Any]

    def child(self, schema: Mapping[str, Any]) -> "_Node":
        return _node(schema, self.document)


def _node(schema: Mapping[str, Any], document: Mapping[str, Any]) -> _Node:
    while _REFERENCE in schema:
        name = schema[_REFERENCE].rsplit("/", 1)[1]
        beside = {key: value for key, value in schema.items() if key != _REFERENCE}
        schema = {**document["$defs"][name], **beside}
    return _Node(schema, document)


def _compare(place: str, released: _Node, current: _Node) -> Iterator[str]:
    yield from _compare_words(place, released, current)
    yield from _compare_fields(place, released, current)
    for word in ("items", "additionalProperties"):
        yield from _compare_nested(place, word, released, current)
    yield from _compare_choices(place, released, current)


def _compare_words(place: str, released: _Node, current: _Node) -> Iterator[str]:
    """Types, formats, limits, enumerations, defaults: all must be as they were."""
    words = (released.schema.keys() | current.schema.keys()) - _ANNOTATIONS - _COMPARED_APART
    for word in sorted(words):
        before, now = released.schema.get(word), current.schema.get(word)
        if before != now:
            yield f"{_shown(place)}: {word} was {before!r} and is {now!r}"


def _compare_fields(place: str, released: _Node, current: _Node) -> Iterator[str]:
    before, now = released.schema.get("properties", {}), current.schema.get("properties", {})
    was_required = set(released.schema.get("required", ()))
    is_required = set(current.schema.get("required", ()))
    for name in sorted(before.keys() - now.keys()):
        yield f"{place}/{name}: was removed"
    for name in sorted(is_required - before.keys()):
        yield f"{place}/{name}: was added and is required"
    for name in sorted(before.keys() & now.keys()):
        if (name in was_required) != (name in is_required):
            yield f"{place}/{name}: {'is' if name in is_required else 'was'} required"
        yield from _compare(f"{place}/{name}", released.child(before[name]), current.child(now[name]))


def _compare_nested(place: str, word: str, released: _Node, current: _Node) -> Iterator[str]:
    before, now = released.schema.get(word), current.schema.get(word)
    if isinstance(before, dict) and isinstance(now, dict):
        yield from _compare(f"{place}[]", released.child(before), current.child(now))
    elif before != now:
        yield f"{_shown(place)}: {word} was {before!r} and is {now!r}"


def _compare_choices(place: str, released: _Node, current: _Node) -> Iterator[str]:
    before, now = released.schema.get("anyOf", []), current.schema.get("anyOf", [])
    if len(before) != len(now):
        yield f"{_shown(place)}: was one of {len(before)} types and is one of {len(now)}"
        return
    for one, other in zip(before, now, strict=True):
        yield from _compare(place, released.child(one), current.child(other))


def _shown(place: str) -> str:
    return place or "/"
