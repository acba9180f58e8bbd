"""The default data folder is the one that is git-ignored."""

from pathlib import Path

from infra.cli.options import DEFAULT_DATA_DIR

ROOT = Path(__file__).parents[3]


def test_the_default_data_folder_is_kept_out_of_git() -> None:
    assert f"{DEFAULT_DATA_DIR}/" in (ROOT / ".gitignore").read_text().splitlines()
