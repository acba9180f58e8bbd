"""How `make test` shares the test files out to its workers."""

import ast
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from xdist.scheduler import LoadFileScheduling

_ROOT = Path(__file__).parents[1]
_STACK = "stack"
_WAITING = {"integration", "faults"}
# The part of what computes at which the last that waits begins.
_WAITS_END = 0.7
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


def places(paths: Iterable[str]) -> dict[str, tuple[int, float, str]]:
    """Where the files stand in the order.

    First what goes to one worker together, as it takes longest. What waits stands between what only
    computes, which fills the waits, and ends earlier: at the end nothing long is left to a single worker.
    """
    together, waiting, computing = list[str](), list[str](), list[str]()
    for path in sorted(paths):
        kind = together if unit_of(path) != path else waiting if _waits(path) else computing
        kind.append(path)
    first = {path: (0 if unit_of(path) == _STACK else 1, 0.0, path) for path in together}
    spread = {path: (2, _WAITS_END * n / len(waiting), path) for n, path in enumerate(waiting)}
    filling = {path: (2, n / len(computing), path) for n, path in enumerate(computing)}
    return first | spread | filling


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
