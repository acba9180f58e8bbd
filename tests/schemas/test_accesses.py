"""An access reads back, and its kinds are told apart."""

import msgspec
import pytest

from schemas.accesses import Access, AccessAction, ActorKind


@pytest.mark.parametrize("action", AccessAction)
def test_an_access_reads_back(action: AccessAction) -> None:
    access = Access("acme", "", ActorKind.OPERATOR, "ada", action, '{"text":"a"}', "192.0.2.1", 3)
    assert msgspec.json.decode(msgspec.json.encode(access), type=Access) == access
