"""Which test files go where."""

import ast
from pathlib import Path

from tests.sharing_out import in_turn, places, unit_of

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


def test_what_goes_together_goes_first_and_what_waits_ends_before_what_computes() -> None:
    together = [STACK, "tests/query_api/routes/test_logs.py"]
    waiting = ["tests/faults/test_kafka_outage.py", "tests/integration/test_webhooks.py"]
    computing = [f"tests/privacy/test_{letter}.py" for letter in "abcdefghij"]
    files = [*computing, *waiting, *together]
    order = places(files)
    found = sorted(files, key=order.__getitem__)
    assert found[:2] == together
    assert [file for file in found if file in waiting] == waiting
    assert [file for file in found if file in computing] == computing
    # The first of them at once, the others as far apart as there are.
    assert found[2] == waiting[0]
    assert found.index(waiting[1]) == 7
    assert places([]) == {}


def test_each_worker_collects_all_from_a_part_of_its_own_on() -> None:
    entries = ["a", "b", "c", "d", "e"]
    turns = [in_turn(entries, worker, 2) for worker in range(2)]
    assert turns == [["a", "b", "c", "d", "e"], ["c", "d", "e", "a", "b"]]
