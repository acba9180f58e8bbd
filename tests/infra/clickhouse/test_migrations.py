"""Which migrations are to be applied, told from files and ledger alone."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.clickhouse.migrations import Applied, Migration, MigrationError, load, pending, statements, to_undo


def migrations(count: int) -> list[Migration]:
    return [Migration(number, f"step_{number}", f"SELECT {number}") for number in range(1, count + 1)]


def test_our_own_migrations_are_numbered_without_gaps_and_say_why() -> None:
    found = load()
    assert found[0].version == 1
    for migration in found:
        assert migration.sql.startswith("-- "), migration.title


@pytest.mark.parametrize("migration", load(), ids=lambda migration: migration.title)
def test_our_own_migrations_may_be_repeated_after_a_run_that_was_cut_off(migration: Migration) -> None:
    emptied: set[str] = set()
    for statement in migration.statements:
        if insert := re.match(r"INSERT INTO (\w+)\s", statement):
            assert insert[1] in emptied, (
                "an insert needs a TRUNCATE before it, or it doubles when it is repeated"
            )
        elif truncate := re.fullmatch(r"TRUNCATE TABLE (\w+)", statement):
            emptied.add(truncate[1])
        else:
            assert re.match(r"CREATE (TABLE|MATERIALIZED VIEW)|ALTER TABLE", statement)
            # What sets a whole column, setting or TTL ends in the same state however often it is said.
            rest = re.sub(r"MODIFY (COLUMN|SETTING|TTL)\s", "", statement)
            assert " MODIFY " not in rest or len(migration.statements) == 1


def test_statements_end_with_a_semicolon_at_a_lines_end() -> None:
    sql = "-- Why; so.\nCREATE TABLE a (x String DEFAULT ';');\n\nINSERT INTO a\nSELECT 1; \n"
    assert statements(sql) == ["CREATE TABLE a (x String DEFAULT ';')", "INSERT INTO a\nSELECT 1"]
    assert statements("SELECT 1") == ["SELECT 1"]


@pytest.mark.parametrize("names", [["0002_b.up.sql"], ["0001_a.up.sql", "0001_b.up.sql"]])
def test_gaps_and_doubles_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
        (tmp_path / name.replace(".up.", ".down.")).write_text("SELECT 1")
    with pytest.raises(MigrationError, match="without gaps"):
        load(tmp_path)


def test_other_files_are_no_migrations(tmp_path: Path) -> None:
    for name in ("0001_a.up.sql", "0001_a.down.sql", "README.md"):
        (tmp_path / name).write_text("SELECT 1")
    assert [migration.title for migration in load(tmp_path)] == ["a"]


@given(st.integers(0, 8), st.integers(0, 8))
def test_what_is_not_applied_is_pending_in_order(count: int, applied: int) -> None:
    known = migrations(count)
    ledger = {m.version: Applied(m.checksum, finished=True) for m in known[:applied]}
    assert pending(known, ledger) == known[applied:]


def test_a_run_that_was_cut_off_is_pending_again() -> None:
    known = migrations(2)
    ledger = {1: Applied(known[0].checksum, finished=True), 2: Applied(known[1].checksum, finished=False)}
    assert pending(known, ledger) == known[1:]


def test_a_changed_file_is_refused() -> None:
    with pytest.raises(MigrationError, match=r"0001 \(step_1\) was changed"):
        pending(migrations(1), {1: Applied("other", finished=True)})


def test_a_file_that_cannot_be_undone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001_a.up.sql").write_text("SELECT 1")
    with pytest.raises(MigrationError, match=r"has no 0001_a\.down\.sql"):
        load(tmp_path)


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 8))
def test_what_is_above_the_target_is_undone_newest_first(count: int, applied: int, target: int) -> None:
    known = migrations(count)
    ledger = {m.version: Applied(m.checksum, finished=True) for m in known[:applied]}
    if target > count:
        with pytest.raises(MigrationError, match="no migration"):
            to_undo(known, ledger, target)
    else:
        assert to_undo(known, ledger, target) == known[target : min(count, applied)][::-1]


def test_what_is_half_undone_has_to_be_undone_before_anything_is_applied() -> None:
    known = migrations(2)
    ledger = {m.version: Applied(m.checksum, finished=True, undoing=m.version == 2) for m in known}
    with pytest.raises(MigrationError, match="down --to 1"):
        pending(known, ledger)
    assert to_undo(known, ledger, 1) == [known[1]]


def test_tables_of_a_newer_promethios_are_refused() -> None:
    with pytest.raises(MigrationError, match="install a newer Promethios"):
        pending(migrations(1), {2: Applied("x", finished=True)})
