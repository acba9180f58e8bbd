"""JSON Schemas generated from the messages; `python -m schemas.json_schema` writes the committed files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from schemas.derived import DERIVED_TYPES
from schemas.messages.registry import REPORT_ROUTES, ReportRoute

FOLDER = Path(__file__).parent / "json"
# Of texts, which minimum and maximum do not bind.
_DECIMAL = r"^[0-9]{1,15}(\.[0-9]{1,40})?([eE]-[0-9]{1,3})?$"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def payload_schema(route: ReportRoute) -> dict[str, Any]:
    """The schema of one object that a reporting route takes."""
    schema = _inlined(route.payload, f"{route.name}.v1")
    if route.schema_rule:
        schema |= route.schema_rule
    return schema


def all_schemas() -> dict[str, dict[str, Any]]:
    """Every schema of the contract by file name."""
    files = {f"{route.name}.v1.schema.json": payload_schema(route) for route in REPORT_ROUTES}
    return files | derived_schemas()


def derived_schemas() -> dict[str, dict[str, Any]]:
    """The schemas of what is published for anybody, by file name."""
    return {
        derived.schema_file: _inlined(derived.data, derived.name) | {"$id": derived.schema_uri}
        for derived in DERIVED_TYPES
    }


def render(schema: dict[str, Any]) -> str:
    """The text of a committed schema file."""
    text = msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2)
    return text.decode() + "\n"


def components_of(
    messages: Iterable[type[msgspec.Struct]], ref_template: str
) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """A reference to each message's schema, and the schemas by name."""
    references, components = msgspec.json.schema_components(messages, ref_template=ref_template)
    _widen_decimals(components)
    return references, components


def _widen_decimals(schema: object) -> None:
    """Say of decimals what the decoder does: a JSON number is taken too, and no digit of it is lost."""
    if isinstance(schema, list):
        for item in schema:
            _widen_decimals(item)
    elif isinstance(schema, dict):
        if schema.get("format") == "decimal":
            schema["type"] = ["number", "string"]
            schema["pattern"] = _DECIMAL
        for item in schema.values():
            _widen_decimals(item)


def _inlined(message: type[msgspec.Struct], title: str) -> dict[str, Any]:
    (reference,), components = components_of([message], "#/$defs/{name}")
    name = reference["$ref"].rsplit("/", 1)[1]
    schema: dict[str, Any] = {"$schema": _DIALECT} | components.pop(name)
    if components:
        schema["$defs"] = components
    return schema | {"title": title}


def main() -> None:
    """Write all schema files, and remove those that no message has."""
    FOLDER.mkdir(exist_ok=True)
    wanted = all_schemas()
    for stale in set(FOLDER.glob("*.json")) - {FOLDER / name for name in wanted}:
        stale.unlink()
    for name, schema in wanted.items():
        (FOLDER / name).write_text(render(schema))


if __name__ == "__main__":
    main()
