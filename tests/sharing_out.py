"""How `make test` shares the test files out to its workers."""

from pathlib import PurePosixPath

from xdist.scheduler import LoadFileScheduling

# The files whose tests use the session's stack, which each worker would start for itself.
STACK_FILES = frozenset(
    {
        "tests/faults/test_process_kills.py",
        "tests/integration/test_alert_rules.py",
        "tests/integration/test_demo.py",
        "tests/integration/test_misbehaving_example.py",
        "tests/integration/test_opentelemetry_sdk.py",
        "tests/integration/test_query_api_cli.py",
        "tests/integration/test_stack.py",
    }
)
_STACK = "stack"


def unit_of(path: str) -> str:
    """What goes to one worker together: a file, or all files that use the stack."""
    return _STACK if path in STACK_FILES else path


def place_of(path: str) -> int:
    """Files of a lower place go first.

    What takes long and mostly waits goes before what only computes, which fills the waits; at the end
    nothing long is left to a single worker.
    """
    if unit_of(path) == _STACK:
        return 0
    return 1 if {"integration", "faults"} & set(PurePosixPath(path).parts) else 2


class SharingOut(LoadFileScheduling):  # type: ignore[misc] # xdist ships no types
    """pytest-xdist's distribution by files, with those of the stack as one."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid.partition("::")[0])
