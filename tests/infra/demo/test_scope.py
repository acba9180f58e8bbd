"""The guard: files below the folders, SQL that reads, nothing else."""

from pathlib import Path

import pytest

from infra.demo.jobs import CallRoute, HashFile, RunQuery, TargetService
from infra.demo.scope import FILE_OUTSIDE_SCOPE, WRITING_STATEMENT, refusal_of
from schemas.messages.values import Severity


def test_files_below_a_folder_pass(tmp_path: Path) -> None:
    assert refusal_of(HashFile(tmp_path / "deep" / "file.py"), [Path("/elsewhere"), tmp_path]) is None


def test_files_outside_are_refused_also_by_detour_or_link(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link").symlink_to("/etc/hostname")
    for path in (
        Path("/etc/hostname"),
        folder / ".." / "secret",
        folder / "link",
        tmp_path / "project2" / "x",
    ):
        refusal = refusal_of(HashFile(path), [folder])
        assert refusal is not None
        assert (refusal.rule, refusal.severity) == (FILE_OUTSIDE_SCOPE, Severity.MEDIUM)
        assert str(path) in refusal.description


@pytest.mark.parametrize("sql", ["SELECT 1", "  select count() FROM t"])
def test_reading_passes(sql: str) -> None:
    assert refusal_of(RunQuery(sql), []) is None


@pytest.mark.parametrize(
    "sql", ["DROP TABLE t", "INSERT INTO t SELECT 1", "", "SELECTED", "/**/ DROP TABLE t"]
)
def test_any_other_statement_is_critical(sql: str) -> None:
    refusal = refusal_of(RunQuery(sql), [])
    assert refusal is not None
    assert (refusal.rule, refusal.severity) == (WRITING_STATEMENT, Severity.CRITICAL)


def test_routes_pass() -> None:
    assert refusal_of(CallRoute(TargetService.QUERY, "/no-such-route"), []) is None
