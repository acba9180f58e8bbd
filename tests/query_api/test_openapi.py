"""Error answers in the OpenAPI document."""

import orjson

from query_api import errors
from query_api.openapi import CONTROL_READ_ERRORS, PROBLEM_REF, add_problem_schema, problem_responses
from runtime.problems import MEDIA_TYPE


def test_kinds_of_one_status_share_an_answer_with_an_example_each() -> None:
    responses = problem_responses(errors.STARTING, errors.KAFKA_AWAY, errors.NOT_FOUND)
    assert set(responses) == {503, 404}
    content = responses[503]["content"][MEDIA_TYPE]
    assert content["schema"] == {"$ref": PROBLEM_REF}
    assert set(content["examples"]) == {errors.STARTING.tag, errors.KAFKA_AWAY.tag}
    assert content["examples"]["starting"]["value"]["status"] == 503


def test_the_document_gets_our_error_schema_in_place_of_the_frameworks() -> None:
    document = add_problem_schema({"components": {"schemas": {"HTTPValidationError": {}}}})
    schemas = document["components"]["schemas"]
    assert set(schemas) == {"Problem", "FieldError"}
    assert "#/components/schemas/FieldError" in orjson.dumps(schemas["Problem"]).decode()


def test_what_the_server_refuses_by_itself_is_described() -> None:
    assert {400, 408, 414, 431, 503} <= set(problem_responses(*CONTROL_READ_ERRORS))
