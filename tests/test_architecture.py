"""The shape of the code: who may import whom, where names stand, how long files are, which tests exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def imported_packages(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_packages_import_only_what_they_may(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    ours = set(imported_packages(ast.parse(path.read_text()))) & set(PACKAGES)
    assert ours - {package} <= MAY_IMPORT[package]


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name)
def test_no_file_is_too_big_to_know(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_function_is_too_long(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", [p for p in SOURCES if "schemas" not in p.parts], ids=name)
def test_topic_names_stand_only_in_the_registry(path: Path) -> None:
    assert not re.search(r"[\"']promethios\.[a-z-]+\.v[0-9]", path.read_text())


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name != "settings.py"], ids=name)
def test_the_environment_is_read_only_in_settings(path: Path) -> None:
    assert not re.search(r"os\.(environ|getenv)", path.read_text())


def test_every_module_has_a_test_of_its_name() -> None:
    without = {"__init__.py", "__main__.py", "settings.py"}
    tested = {path.name for path in TESTS}
    missing = [name(p) for p in SOURCES if p.name not in without and f"test_{p.name}" not in tested]
    assert missing == []
