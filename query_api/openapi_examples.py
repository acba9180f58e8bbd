"""Examples of answers in the OpenAPI document, put together from the examples of their fields; pure."""

from collections.abc import Mapping
from typing import Any

from query_api.example_values import BY_NAME

_JSON = "application/json"
_REFERENCE = "#/components/schemas/"
_CHOICES = ("anyOf", "oneOf", "allOf")
_BY_TYPE: dict[str, Any] = {"integer": 3, "number": 0.5, "boolean": True}

Schema = Mapping[str, Any]


def add_examples(document: dict[str, Any]) -> dict[str, Any]:
    """The document with an example in each JSON answer that has none."""
    schemas = document.get("components", {}).get("schemas", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {}).get(_JSON, {})
                if "schema" in content and not content.keys() & {"example", "examples"}:
                    content["example"] = example_of(content["schema"], schemas)
    return document


def example_of(schema: Schema, schemas: Mapping[str, Schema]) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """A value that fits a schema, whose references lead to `schemas`.

    Of each field its own example, else a choice of its enumeration, else what is usual under its name; a text
    of which nothing is known is its name.
    """
    return _Composer(schemas).value(schema, "", ())


class _Composer:
    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def value(self, schema: Schema, name: str, within: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
        """A value for the field `name`; `within` are the models that it is in."""
        if "$ref" in schema:
            model = schema["$ref"].removeprefix(_REFERENCE)
            return self.value(self._schemas[model], name, (*within, model))
        if "const" in schema:
            return schema["const"]
        is_model = "properties" in schema
        for said in ("examples", "enum"):
            if schema.get(said) and not is_model:
                return schema[said][0]
        for choice in _CHOICES:
            if choice in schema:
                return self.value(self._chosen(schema[choice]), name, within)
        return self._of_type(schema, name, within)

    def _chosen(self, schemas: list[Schema]) -> Schema:
        """What says most: null is no example."""
        return next((one for one in schemas if one.get("type") != "null"), schemas[0])

    def _of_type(self, schema: Schema, name: str, within: tuple[str, ...]) -> Any:  # noqa: ANN401 - as above
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, name, within)
        if kind == "array":
            return self._list(schema, name, within)
        if schema.get("default") not in {None, ""}:
            return schema["default"]
        if name in BY_NAME and _is(BY_NAME[name], kind):
            return BY_NAME[name]
        return _BY_TYPE.get(str(kind), name)

    def _object(self, schema: Schema, name: str, within: tuple[str, ...]) -> dict[str, Any]:
        # A model may have examples of a part of it.
        [given, *_] = schema.get("examples") or [{}]
        found = {
            field: given[field] if field in given else self.value(inner, field, within)
            for field, inner in schema.get("properties", {}).items()
        }
        values = schema.get("additionalProperties")
        if isinstance(values, Mapping) and not found:
            names = schema.get("propertyNames", {"examples": [_KEYS.get(name, "name")]})
            found[self.value(names, name, within)] = self.value(values, name, within)
        return found

    def _list(self, schema: Schema, name: str, within: tuple[str, ...]) -> list[Any]:
        items = schema.get("items", {})
        model = items.get("$ref", "").removeprefix(_REFERENCE)
        # What holds its own kind would have no end.
        return [] if model in within else [self.value(items, name, within)]


# What the keys of a map are, where the schema does not say.
_KEYS = {"labels": "team", "attributes": "queue", "days": "agent_logs", "in_force": "agent_logs"}


def _is(value: object, kind: str | None) -> bool:
    types: dict[str | None, Any] = {"string": str, "number": (int, float), "integer": int, None: object}
    return isinstance(value, types.get(kind, ()))
