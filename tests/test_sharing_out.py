"""Which test files go where."""

import ast
from pathlib import Path

from tests.sharing_out import STACK_FILES, place_of, unit_of

ROOT = Path(__file__).parents[1]


def uses_the_stack(file: Path) -> bool:
    """Whether a test or a fixture of the file takes the session's stack."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(
        isinstance(node, functions)
        and (node.name.startswith("test_") or node.decorator_list)
        and any(argument.arg == "stack" for argument in node.args.args)
        for node in ast.parse(file.read_text()).body
    )


def test_the_files_that_use_the_stack_are_named() -> None:
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")}
    assert files >= STACK_FILES
    assert {file for file in files if uses_the_stack(ROOT / file)} == STACK_FILES


def test_they_go_to_one_worker_and_all_else_by_files() -> None:
    assert len({unit_of(file) for file in STACK_FILES}) == 1
    assert unit_of("tests/privacy/test_gate.py") == "tests/privacy/test_gate.py"


def test_what_waits_goes_first() -> None:
    files = [
        "tests/privacy/test_gate.py",
        "tests/integration/test_webhooks.py",
        "tests/integration/test_stack.py",
        "tests/faults/test_kafka_outage.py",
    ]
    assert sorted(files, key=place_of) == [files[2], files[1], files[3], files[0]]
