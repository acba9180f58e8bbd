"""How `make test` shares the test files out to its workers."""

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from xdist.scheduler import LoadFileScheduling

_ROOT = Path(__file__).parents[1]
_STACK = "stack"
_WAITING = {"integration", "faults"}
# Folders whose files share what takes long to start: a query API with its stores, an engine.
_TOGETHER = ("tests/query_api/", "tests/infra/embedded/clickhouse/")


@cache
def uses_the_stack(path: str) -> bool:
    """Whether a test or a fixture of the file takes the stack, which each worker would start anew."""
    text = (_ROOT / path).read_text(encoding="utf-8")
    # Parsing is what costs.
    return "stack: RunningStack" in text and any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.name.startswith("test_") or bool(node.decorator_list))
        and any(argument.arg == "stack" for argument in node.args.args)
        for node in ast.parse(text).body
    )


def unit_of(path: str) -> str:
    """What goes to one worker together: a file, all files that use the stack, or those of some folders."""
    if _waits(path) and uses_the_stack(path):
        return _STACK
    return next((folder for folder in _TOGETHER if path.startswith(folder)), path)


def place_of(path: str) -> int:
    """Files of a lower place go first.

    What takes long and mostly waits goes before what only computes, which fills the waits; at the end
    nothing long is left to a single worker.
    """
    if unit_of(path) != path:
        return 0 if unit_of(path) == _STACK else 1
    return 2 if _waits(path) else 3


def in_turn(entries: Sequence[str], worker: int, workers: int) -> list[str]:
    """The same entries, from another one on for each worker.

    All collect all: so each compiles a part, and finds compiled what the others were at before it.
    """
    first = len(entries) * worker // workers
    return [*entries[first:], *entries[:first]]


def _waits(path: str) -> bool:
    return bool(_WAITING & set(PurePosixPath(path).parts))


class SharingOut(LoadFileScheduling):  # type: ignore[misc] # xdist ships no types
    """pytest-xdist's distribution by files, with some of them as one."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid.partition("::")[0])
