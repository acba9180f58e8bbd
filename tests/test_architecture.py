"""The shape of the code: who may import whom, where names stand, how long files are, which tests exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "schemas",
    "runtime",
    "privacy",
    "policy_engine",
    "alert_engine",
    "ingest_gateway",
    "stream_processors",
    "query_api",
    "webhook_dispatcher",
    "infra",
)
SERVICES = {"ingest_gateway", "stream_processors", "query_api", "webhook_dispatcher"}
MAY_IMPORT = {
    "schemas": set[str](),
    "runtime": {"schemas"},
    "privacy": {"schemas"},
    "policy_engine": {"schemas"},
    "alert_engine": {"schemas", "policy_engine"},
    "ingest_gateway": {"schemas", "runtime", "privacy", "policy_engine"},
    "stream_processors": {"schemas", "runtime", "policy_engine", "alert_engine"},
    "query_api": {"schemas", "runtime", "privacy", "policy_engine", "alert_engine"},
    "webhook_dispatcher": {"schemas", "runtime"},
    "infra": {"schemas", "runtime"},
}
MAX_LINES = 400
MAX_FUNCTION_LINES = 60

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def imported_packages(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


# One test looks at all files: some thousand tests would cost each worker of a run seconds to collect.
def test_packages_import_only_what_they_may() -> None:
    assert [
        f"{name(path)} imports {other}"
        for path in SOURCES
        for package in [path.relative_to(ROOT).parts[0]]
        for other in set(imported_packages(parsed(path))) & set(PACKAGES) - {package} - MAY_IMPORT[package]
    ] == []


def test_no_file_is_too_big_to_know() -> None:
    assert [name(path) for path in SOURCES + TESTS if len(path.read_text().splitlines()) > MAX_LINES] == []


def test_no_function_is_too_long() -> None:
    assert [
        f"{node.name} in {name(path)}"
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ] == []


def test_topic_names_stand_only_in_the_registry() -> None:
    topic = re.compile(r"[\"']promethios\.[a-z-]+\.v[0-9]")
    assert [
        name(path) for path in SOURCES if "schemas" not in path.parts and topic.search(path.read_text())
    ] == []


def test_the_environment_is_read_only_in_settings() -> None:
    environment = re.compile(r"os\.(environ|getenv)")
    assert [
        name(path) for path in SOURCES if path.name != "settings.py" and environment.search(path.read_text())
    ] == []


def test_every_module_has_a_test_of_its_name() -> None:
    without = {"__init__.py", "__main__.py", "settings.py"}
    tested = {path.name for path in TESTS}
    missing = [name(p) for p in SOURCES if p.name not in without and f"test_{p.name}" not in tested]
    assert missing == []
