"""When the value itself may be forgotten."""

import msgspec
import pytest

from query_api.erasing.remains import forget_value_at
from query_api.erasing.runner import is_to_be_forgotten
from schemas.erasures import Erasure, ErasureMode, ErasureState

DONE = Erasure(
    "e1", "acme", ErasureMode.ERASE, 1, "ada", value="bob@example.com", state=ErasureState.DONE, up_to=5
)
END = forget_value_at(DONE)


@pytest.mark.parametrize(
    ("changes", "now", "forgotten"),
    [
        ({}, END + 1, True),
        ({}, END, False),
        ({"state": ErasureState.RUNNING}, END + 1, False),
        ({"value": None}, END + 1, False),
        ({"value": None, "agent_id": "gone"}, END + 1, False),
    ],
    ids=range(5),
)
def test_a_value_is_kept_as_long_as_something_may_be_read_again(
    changes: dict[str, object], now: int, forgotten: bool
) -> None:
    assert is_to_be_forgotten(msgspec.structs.replace(DONE, **changes), now) is forgotten
