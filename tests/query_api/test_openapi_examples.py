"""Examples of answers are put together from what their fields say."""

from typing import Any

import pytest

from query_api.openapi_examples import add_examples, example_of

MODELS: dict[str, Any] = {
    "Node": {
        "type": "object",
        "properties": {
            "agent_id": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    },
    "Half": {
        "type": "object",
        "properties": {"level": {"enum": ["low", "high"]}, "count": {"type": "integer"}},
        "examples": [{"level": "high"}],
    },
}


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"const": 5}, 5),
        ({"type": "string", "examples": ["a", "b"]}, "a"),
        ({"enum": ["low", "high"]}, "low"),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, True),
        ({"type": "string", "examples": [None]}, None),
        ({"type": "object", "properties": {"agent_id": {"type": "string"}}}, {"agent_id": "scout-1"}),
        ({"type": "object", "properties": {"unheard_of": {"type": "string"}}}, {"unheard_of": "unheard_of"}),
        (
            {"type": "object", "properties": {"threshold": {"type": "number", "default": 6.0}}},
            {"threshold": 6.0},
        ),
        ({"type": "object", "properties": {"score": {"type": "string"}}}, {"score": "score"}),
        ({"type": "array", "items": {"type": "integer"}}, [3]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"name": 3}),
        (
            {
                "type": "object",
                "propertyNames": {"enum": ["online"]},
                "additionalProperties": {"type": "integer"},
            },
            {"online": 3},
        ),
        ({"$ref": "#/components/schemas/Node"}, {"agent_id": "scout-1", "children": []}),
        ({"$ref": "#/components/schemas/Half"}, {"level": "high", "count": 3}),
    ],
)
def test_an_example_fits_its_schema(schema: dict[str, Any], example: object) -> None:
    assert example_of(schema, MODELS) == example


def test_json_answers_get_an_example_unless_they_have_one() -> None:
    reference = {"schema": {"$ref": "#/components/schemas/Half"}}
    contents: dict[str, Any] = {
        "200": {"content": {"application/json": dict(reference), "text/csv": dict(reference)}},
        "201": {"content": {"application/json": {**reference, "example": 1}}},
        "204": {},
        "400": {"content": {"application/problem+json": {"examples": {}}}},
    }
    document = {"paths": {"/": {"get": {"responses": contents}}}, "components": {"schemas": MODELS}}
    add_examples(document)
    ok = contents["200"]["content"]
    assert ok["application/json"]["example"] == {"level": "high", "count": 3}
    assert "example" not in ok["text/csv"]
    assert contents["201"]["content"]["application/json"]["example"] == 1
