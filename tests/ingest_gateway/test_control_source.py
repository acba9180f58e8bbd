"""The real reader of control topics is what the gateway takes for one."""

from collections.abc import Callable

from ingest_gateway.control_source import ControlSource
from runtime.control_log import ControlReader
from tests.ingest_gateway.fakes import MemoryControl


def test_the_fake_is_a_control_source_and_so_is_the_reader() -> None:
    # What is checked here is checked by mypy: both are assignable.
    makers: list[Callable[..., ControlSource]] = [MemoryControl, ControlReader]
    assert all(callable(maker) for maker in makers)
    assert MemoryControl().following is False
