"""A violation is the same wrapped or bare."""

import msgspec
import pytest

from schemas.errors import InvalidMessageError
from schemas.messages.violation import ViolationPayload, to_row
from schemas.nesting import MAX_NESTING

WRAPPED = b'{"agentId":"a","violation":{"type":"t","severity":"high","description":"d","context":{"x":1}}}'
BARE = b'{"agentId":"a","type":"t","severity":"high","description":"d","context":{"x":1}}'


def decode(text: bytes) -> ViolationPayload:
    return msgspec.json.decode(text, type=ViolationPayload)


def test_both_forms_give_the_same_row() -> None:
    assert to_row(decode(WRAPPED)) == to_row(decode(BARE))


def test_the_violations_own_time_goes_before_the_messages() -> None:
    text = (
        b'{"agentId":"a","timestamp":"2026-01-01T00:00:00Z",'
        b'"violation":{"type":"t","severity":"low","timestamp":"2026-01-02T00:00:00Z"}}'
    )
    timestamp = to_row(decode(text)).timestamp
    assert timestamp is not None
    assert timestamp.day == 2


@pytest.mark.parametrize("text", [b'{"agentId":"a"}', b'{"agentId":"a","type":"t"}'])
def test_half_a_violation_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidMessageError, match="required field"):
        to_row(decode(text))


def test_context_is_not_nested_without_end() -> None:
    deep: object = 1
    for _ in range(MAX_NESTING + 1):
        deep = [deep]
    with pytest.raises(InvalidMessageError, match="context: is nested"):
        to_row(
            msgspec.convert(
                {"agentId": "a", "type": "t", "severity": "low", "context": deep}, ViolationPayload
            )
        )
