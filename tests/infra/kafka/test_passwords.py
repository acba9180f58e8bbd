"""Each user has a password that nobody guesses; a damaged file is named, and its content is not."""

import stat
from pathlib import Path

import pytest

from infra.errors import StackError
from infra.kafka.passwords import ensure_passwords, read_passwords
from infra.kafka.principals import READER, USERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "passwords"
    ensure_passwords(folder)
    return folder


def test_every_user_has_one_of_their_own(folder: Path) -> None:
    passwords = read_passwords(folder)
    assert set(passwords) == set(USERS)
    assert len(set(passwords.values())) == len(USERS)
    assert min(map(len, passwords.values())) >= 40
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_they_stay_until_they_are_removed(folder: Path) -> None:
    former = read_passwords(folder)
    ensure_passwords(folder)
    assert read_passwords(folder) == former
    (folder / READER).unlink()
    ensure_passwords(folder)
    assert {user for user, password in read_passwords(folder).items() if former[user] != password} == {READER}


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / READER).unlink()
    with pytest.raises(StackError, match=rf"{READER} cannot be read"):
        read_passwords(folder)


@pytest.mark.parametrize(
    "text", ["", "short", "with,comma-and]bracket-of-enough-length", "two\nlines-of-enough"]
)
def test_what_would_have_to_be_quoted_or_can_be_guessed_is_refused(folder: Path, text: str) -> None:
    (folder / READER).write_text(text)
    with pytest.raises(StackError, match=rf"{READER} holds no password") as refusal:
        read_passwords(folder)
    assert not text or text not in str(refusal.value)
