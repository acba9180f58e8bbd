"""When the value itself may be forgotten, and that one erasure keeps no other waiting."""

from typing import cast

import msgspec
import pytest

from query_api.erasing.job import ErasureJob
from query_api.erasing.moving import NotMovedError
from query_api.erasing.remains import forget_value_at
from query_api.erasing.runner import carry_out_each, is_to_be_forgotten
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


class Jobs:
    """Carries out erasures, but not the first."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def carry_out(self, erasure: Erasure) -> None:
        if erasure.erasure_id == "e1":
            raise NotMovedError("rows came meanwhile")
        self.done.append(erasure.erasure_id)


async def test_an_erasure_that_fails_keeps_no_other_waiting() -> None:
    jobs, other = Jobs(), msgspec.structs.replace(DONE, erasure_id="e2")
    with pytest.raises(ExceptionGroup) as failed:
        await carry_out_each(cast("ErasureJob", jobs), [DONE, other])
    assert jobs.done == ["e2"]
    assert [type(error) for error in failed.value.exceptions] == [NotMovedError]
    await carry_out_each(cast("ErasureJob", jobs), [other])
