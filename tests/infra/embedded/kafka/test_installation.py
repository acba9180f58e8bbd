"""The installation is there as a whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.progress import Progress

from infra.embedded.kafka.installation import InstallationError, ensure, find
from infra.embedded.kafka.jars import installation_name
from infra.embedded.kafka.settings import DownloadSettings

# Nobody listens there: whoever asks the network fails at once.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DownloadSettings:
    monkeypatch.setattr("infra.embedded.kafka.download._ATTEMPTS", 1)
    return DownloadSettings(cache_dir=tmp_path / "cache", maven_url=NOWHERE)


def test_nothing_is_found_in_an_empty_cache(tmp_path: Path) -> None:
    assert find(DownloadSettings(cache_dir=tmp_path)) is None


def test_a_half_finished_download_is_no_installation(tmp_path: Path) -> None:
    (tmp_path / f"{installation_name()}.partial").mkdir()
    assert find(DownloadSettings(cache_dir=tmp_path)) is None


def test_without_a_network_the_error_says_what_to_do(nowhere: DownloadSettings) -> None:
    with pytest.raises(InstallationError, match=r"Check the network .* PROMETHIOS_CACHE_DIR"):
        ensure(nowhere, Progress(disable=True))
    assert find(nowhere) is None


def test_a_cache_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstallationError, match="file"):
        ensure(DownloadSettings(cache_dir=tmp_path / "file" / "cache"), Progress(disable=True))


def test_an_installation_that_is_there_asks_no_network(tmp_path: Path, nowhere: DownloadSettings) -> None:
    (nowhere.folder / installation_name()).mkdir(parents=True)
    installation = ensure(nowhere, Progress(disable=True))
    assert installation.folder == tmp_path / "cache" / installation_name()
    assert installation.classpath.split(os.pathsep)[0].startswith(str(installation.folder))


def test_jgo_is_not_even_imported_when_the_jars_are_there(nowhere: DownloadSettings) -> None:
    (nowhere.folder / installation_name()).mkdir(parents=True)
    program = (
        "import sys; from rich.progress import Progress;"
        "from infra.embedded.kafka import installation, settings;"
        "installation.ensure(settings.DownloadSettings(), Progress(disable=True));"
        "sys.exit('jgo' in sys.modules or 'requests' in sys.modules)"
    )
    environment = {**os.environ, "PROMETHIOS_CACHE_DIR": str(nowhere.folder)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0
