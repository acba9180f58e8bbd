"""What may be asked to be erased, and what is told of it."""

import pytest
from pydantic import ValidationError

from query_api.resources.erasures import ErasureDetails, NewErasure
from schemas.erasures import Erasure, ErasureMode, Remainder, TableReport


@pytest.mark.parametrize(
    "good",
    [
        {"agent_id": "scout"},
        {"agent_id": "scout", "mode": "anonymise"},
        {"value": "bob@example.com"},
        {"value": "+49 30 12345", "mode": "anonymise"},
        {"value": "1234567"},
    ],
    ids=str,
)
def test_an_agent_or_a_value_may_be_erased(good: dict[str, str]) -> None:
    asked = NewErasure.model_validate(good)
    assert (asked.agent_id is None) is (asked.value is not None)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"agent_id": "scout", "value": "bob@example.com"},
        {"agent_id": "a/b"},
        {"value": "bob"},
        {"value": "12345"},
        {"value": " bob@example.com"},
        {"value": "bob\nexample"},
        {"value": "x" * 1001},
        {"value": "bob@example.com", "mode": "forget"},
        {"value": "bob@example.com", "tenant": "other"},
    ],
    ids=range(10),
)
def test_anything_else_may_not(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NewErasure.model_validate(wrong)


def test_a_short_value_is_told_of_in_characters() -> None:
    with pytest.raises(ValidationError, match="at least 5 characters"):
        NewErasure.model_validate({"value": "bob"})


def test_the_value_itself_is_not_told() -> None:
    erasure = Erasure(
        "e1",
        "acme",
        ErasureMode.ERASE,
        1,
        "ada",
        value="bob@example.com",
        tables=(TableReport("agent_logs", 3, 0),),
        remains=(Remainder("topic", None, "why"),),
    )
    told = ErasureDetails.of(erasure)
    assert "bob" not in told.model_dump_json()
    assert (told.value_characters, told.tables[0].found, told.up_to) == (15, 3, None)
