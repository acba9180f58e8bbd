"""Trust models: the parameters of a tenant's trust scores."""

from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from query_api.resources.values import Moment, from_milliseconds
from runtime.control_state import Entry
from schemas.control import TrustModel
from schemas.errors import InvalidMessageError
from schemas.trust_model import TrustParameters, check_parameters

JsonSchema = dict[str, Any]


def read_parameters(value: object) -> TrustParameters:
    """Parameters as they were sent.

    Raises:
        ValueError: a name is unknown, a value out of its bounds, or two of them contradict each other.
    """
    try:
        parameters = msgspec.convert(value, TrustParameters)
        check_parameters(parameters)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    except InvalidMessageError as error:
        raise ValueError(str(error)) from None
    return parameters


def parameters_schema() -> JsonSchema:
    """The JSON Schema of parameters in one piece, as OpenAPI has no place for definitions of its own."""
    schema = msgspec.json.schema(TrustParameters)
    expanded = _expanded(schema, schema["$defs"])
    return {name: value for name, value in expanded.items() if name != "$defs"}


def _expanded(schema: JsonSchema, definitions: JsonSchema) -> JsonSchema:
    if "$ref" in schema:
        return _expanded(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    properties = {name: _expanded(value, definitions) for name, value in schema.get("properties", {}).items()}
    return schema | {"properties": properties} if properties else schema


Parameters = Annotated[
    TrustParameters,
    BeforeValidator(read_parameters),
    PlainSerializer(msgspec.to_builtins, return_type=JsonSchema),
    WithJsonSchema(parameters_schema()),
]


class NewTrustModel(BaseModel):
    """The parameters that a tenant has otherwise than the default; what is left out follows the release."""

    model_config = ConfigDict(
        extra="forbid",
        arbitrary_types_allowed=True,
        json_schema_extra={
            "examples": [{"parameters": {"levels": {"trusted": 90}, "forget_after_days": 90}}]
        },
    )

    parameters: Parameters


class TrustModelReport(BaseModel):
    """A tenant's parameters as they were put, and all that are in force; version 0 are the defaults."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    tenant_id: str
    version: int
    parameters: Parameters
    in_force: JsonSchema = Field(description="every parameter")
    changed_at: Moment | None
    changed_by: str | None


def report_of(tenant_id: str, entry: Entry[TrustModel] | None) -> TrustModelReport:
    """What is shown of a tenant's model."""
    model = None if entry is None else entry.data
    parameters = TrustParameters() if model is None else model.parameters
    return TrustModelReport.model_construct(
        tenant_id=tenant_id,
        version=0 if entry is None else entry.version,
        parameters=parameters,
        in_force=_in_full(parameters),
        changed_at=None if model is None else from_milliseconds(model.changed_at),
        changed_by=None if model is None else model.changed_by,
    )


def _in_full(parameters: msgspec.Struct) -> JsonSchema:
    """All fields, also those that stand at their defaults."""
    fields = msgspec.structs.asdict(parameters).items()
    return {name: _in_full(value) if isinstance(value, msgspec.Struct) else value for name, value in fields}
