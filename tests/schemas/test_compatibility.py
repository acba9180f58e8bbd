"""Each kind of breaking change is found, wherever in a schema it is, and what is allowed is not held up."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from schemas.compatibility import breaking_changes
from schemas.json_schema import derived_schemas

Schema = dict[str, Any]

SCHEMA: Schema = {
    "title": "before",
    "type": "object",
    "properties": {
        "score": {"type": "number"},
        "level": {"$ref": "#/$defs/Level"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/Reason"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["score", "level", "reasons", "labels"],
    "$defs": {
        "Level": {"enum": ["good", "bad"], "title": "Level"},
        "Reason": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "points": {"type": "number"}},
            "required": ["code"],
        },
    },
}


def changed(change: Callable[[Schema], object]) -> list[str]:
    current = copy.deepcopy(SCHEMA)
    change(current)
    return breaking_changes(SCHEMA, current)


def rename(schema: Schema, old: str, new: str) -> None:
    schema["properties"][new] = schema["properties"].pop(old)


BREAKING: dict[str, tuple[Callable[[Schema], object], list[str]]] = {
    "removed": (lambda s: s["properties"].pop("score"), ["/score: was removed"]),
    "removed within": (
        lambda s: s["$defs"]["Reason"]["properties"].pop("points"),
        ["/reasons[]/points: was removed"],
    ),
    "renamed": (lambda s: rename(s, "note", "remark"), ["/note: was removed"]),
    "retyped": (
        lambda s: s["properties"]["score"].update(type="string"),
        ["/score: type was 'number' and is 'string'"],
    ),
    "retyped within": (
        lambda s: s["$defs"]["Reason"]["properties"]["code"].update(type="integer"),
        ["/reasons[]/code: type was 'string' and is 'integer'"],
    ),
    "values of a map retyped": (
        lambda s: s["properties"]["labels"]["additionalProperties"].update(type="number"),
        ["/labels[]: type was 'string' and is 'number'"],
    ),
    "a map made closed": (
        lambda s: s["properties"]["labels"].update(additionalProperties=False),
        ["/labels: additionalProperties was"],
    ),
    "no longer null": (
        lambda s: s["properties"]["note"]["anyOf"].pop(),
        ["/note: was one of 2 types and is one of 1"],
    ),
    "another choice": (
        lambda s: s["properties"]["note"]["anyOf"][0].update(type="integer"),
        ["/note: type was 'string' and is 'integer'"],
    ),
    "one more value": (lambda s: s["$defs"]["Level"]["enum"].append("worse"), ["/level: enum was"]),
    "another default": (lambda s: s["properties"]["note"].update(default=""), ["/note: default was"]),
    "a limit": (lambda s: s["properties"]["score"].update(maximum=1), ["/score: maximum was None and is 1"]),
    "became required": (lambda s: s["required"].append("note"), ["/note: is required"]),
    "became optional": (lambda s: s["required"].remove("score"), ["/score: was required"]),
    "added and required": (
        lambda s: (s["properties"].update(new={"type": "string"}), s["required"].append("new")),
        ["/new: was added and is required"],
    ),
    "no object at all": (lambda s: s.update(type="array"), ["/: type was 'object' and is 'array'"]),
}


@pytest.mark.parametrize("kind", BREAKING)
def test_a_breaking_change_is_named_with_its_place(kind: str) -> None:
    change, sentences = BREAKING[kind]
    found = changed(change)
    assert len(found) == len(sentences)
    assert all(text.startswith(sentence) for text, sentence in zip(found, sentences, strict=True))


ALLOWED: dict[str, Callable[[Schema], object]] = {
    "nothing": lambda _: None,
    "an optional field": lambda s: s["properties"].update(new={"type": "string"}),
    "an optional field within": lambda s: s["$defs"]["Reason"]["properties"].update(seen={"type": "number"}),
    "other descriptions": lambda s: (s.update(title="after"), s["$defs"]["Level"].update(description="new")),
    "a definition with another name": lambda s: (
        s["$defs"].update(Rank=s["$defs"].pop("Level")),
        s["properties"].update(level={"$ref": "#/$defs/Rank"}),
    ),
}


@pytest.mark.parametrize("kind", ALLOWED)
def test_what_no_reader_notices_is_allowed(kind: str) -> None:
    assert changed(ALLOWED[kind]) == []


def objects_of(schema: Any) -> Iterator[Schema]:  # noqa: ANN401 - any JSON
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for item in schema.values():
            yield from objects_of(item)


@pytest.mark.parametrize("name", sorted(derived_schemas()))
def test_no_field_of_a_published_schema_can_be_taken_away_or_retyped(name: str) -> None:
    schema = derived_schemas()[name]
    for number, place in enumerate(list(objects_of(schema))):
        for field in place["properties"]:
            without, other = copy.deepcopy(schema), copy.deepcopy(schema)
            del list(objects_of(without))[number]["properties"][field]
            assert any(f"/{field}: was removed" in text for text in breaking_changes(schema, without))
            list(objects_of(other))[number]["properties"][field] = {"type": "something else"}
            assert breaking_changes(schema, other)
