"""Trust models as resources: one schema, from the parameters themselves."""

import jsonschema
import msgspec
import pytest

from query_api.resources.trust_models import parameters_schema, read_parameters, report_of
from runtime.control_state import Entry
from schemas.control import TrustModel
from schemas.trust_model import LevelParameters, TrustParameters


def test_the_schema_is_in_one_piece_and_knows_every_parameter() -> None:
    schema = parameters_schema()
    assert b"$ref" not in msgspec.json.encode(schema)
    assert set(schema["properties"]) == set(TrustParameters.__struct_fields__)
    assert schema["properties"]["levels"]["properties"]["trusted"]["maximum"] == 100
    jsonschema.validate({"levels": {"trusted": 90}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"levels": {"thrusted": 90}}, schema)


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="levels: trusted and rise_margin"):
        read_parameters({"levels": {"trusted": 99}})


def test_a_report_has_what_was_put_and_all_that_is_in_force() -> None:
    parameters = TrustParameters(levels=LevelParameters(trusted=90.0))
    report = report_of("t", Entry(4, TrustModel("t", parameters, 1_800_000_000_000, "admin")))
    shown = report.model_dump(mode="json")
    assert (shown["version"], shown["changed_by"]) == (4, "admin")
    assert shown["parameters"] == {"levels": {"trusted": 90.0}}
    assert shown["in_force"]["levels"]["good"] == 70.0
