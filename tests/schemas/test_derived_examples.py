"""The example records are what the processors publish: every type, every field, every header."""

import msgspec
import pytest
from jsonschema import Draft202012Validator

from schemas.derived import DERIVED_TYPES, DerivedType, decode_event, encode_event
from schemas.json_schema import derived_schemas
from tests.schemas.derived_examples import EXAMPLES, FOLDER, DerivedExample


def test_there_are_examples_of_nothing_else() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {derived.name for derived in DERIVED_TYPES}


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_fits_its_schema(example: DerivedExample) -> None:
    Draft202012Validator(derived_schemas()[example.schema_file]).validate(example.value)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_is_what_is_published(example: DerivedExample) -> None:
    headers = [(name, text.encode()) for name, text in example.headers.items()]
    event = decode_event(headers, example.key.encode(), msgspec.json.encode(example.value))
    record = encode_event(event)
    assert record.key == example.key.encode()
    assert dict(record.headers) == dict(headers)
    assert msgspec.json.decode(record.value or b"") == example.value
    assert example.type_name == event.derived_type.name


@pytest.mark.parametrize("derived", DERIVED_TYPES, ids=lambda derived: str(derived.name))
def test_the_examples_of_a_type_show_each_of_its_fields(derived: DerivedType) -> None:
    shown = {field for e in EXAMPLES if e.type_name == derived.name for field in e.value}
    assert shown == set(derived_schemas()[derived.schema_file]["properties"])
