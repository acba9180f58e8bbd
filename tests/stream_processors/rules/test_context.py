"""The context is the same for all rules of one request, and nobody can change it."""

import pytest

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.context import Context


def test_a_context_cannot_be_changed() -> None:
    context = Context(DEFAULTS, 7, bytes(16))
    with pytest.raises(AttributeError):
        context.clock = 8  # type: ignore[misc]  # that is the claim
