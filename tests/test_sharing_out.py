"""Which test files go where."""

import ast
from pathlib import Path

from tests.sharing_out import in_turn, place_of, unit_of

ROOT = Path(__file__).parents[1]
STACK = "tests/integration/test_stack.py"


def names_the_stack(file: Path) -> bool:
    """Whether any test or fixture takes an argument of that name, however it is written."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.name.startswith("test_") or bool(node.decorator_list))
        and any(argument.arg == "stack" for argument in node.args.args)
        for node in ast.walk(ast.parse(file.read_text()))
    )


def test_the_files_that_use_the_stack_go_to_one_worker_and_no_others() -> None:
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")}
    together = {file for file in files if unit_of(file) == unit_of(STACK)}
    assert {STACK, "tests/faults/test_process_kills.py", "tests/integration/test_demo.py"} <= together
    assert "tests/integration/test_stack_life.py" not in together
    named = {file for file in files if "stack" in (ROOT / file).read_text() and names_the_stack(ROOT / file)}
    assert named == together


def test_some_folders_go_to_one_worker_and_all_else_by_files() -> None:
    assert unit_of("tests/query_api/routes/test_logs.py") == unit_of("tests/query_api/oidc/test_issuer.py")
    assert unit_of("tests/privacy/test_gate.py") == "tests/privacy/test_gate.py"
    assert unit_of("tests/integration/test_tables.py") == "tests/integration/test_tables.py"


def test_what_waits_goes_first() -> None:
    files = [
        "tests/privacy/test_gate.py",
        "tests/integration/test_webhooks.py",
        STACK,
        "tests/faults/test_kafka_outage.py",
        "tests/query_api/routes/test_logs.py",
    ]
    assert sorted(files, key=place_of) == [files[2], files[4], files[1], files[3], files[0]]


def test_each_worker_collects_all_from_a_part_of_its_own_on() -> None:
    entries = ["a", "b", "c", "d", "e"]
    turns = [in_turn(entries, worker, 2) for worker in range(2)]
    assert turns == [["a", "b", "c", "d", "e"], ["c", "d", "e", "a", "b"]]
