"""The committed JSON Schemas are those of the messages, and say of every example what the decoder says."""

import jsonschema
import pytest

from schemas import json_schema
from schemas.messages.registry import REPORT_ROUTES
from tests.schemas.examples import EXAMPLES, Example

SCHEMAS = {route.name: json_schema.payload_schema(route) for route in REPORT_ROUTES}

# Rules of dates, which JSON Schema leaves to the decoder.
DECODER_ONLY = {
    "log/invalid/bad-date",
    "heartbeat/invalid/year-out-of-range",
    "cost/invalid/more-cached-than-all",
}


def test_the_committed_files_are_the_generated_ones() -> None:
    committed = {path.name: path.read_text() for path in json_schema.FOLDER.glob("*.json")}
    generated = {name: json_schema.render(schema) for name, schema in json_schema.all_schemas().items()}
    assert committed == generated, "run `python -m schemas.json_schema` and commit the result"


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_schema_agrees_with_the_decoder(example: Example) -> None:
    errors = list(jsonschema.Draft202012Validator(SCHEMAS[example.route.name]).iter_errors(example.payload))
    if example.valid or str(example) in DECODER_ONLY:
        assert errors == []
    else:
        assert errors != []
