"""Only pinned bytes come through, and what a cut-off download left does no harm."""

import gc
import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.progress import Progress

from infra.embedded.kafka import download as module
from infra.embedded.kafka.download import CorruptDownloadError, download
from infra.embedded.kafka.jars import Jar

CONTENT = b"the bytes of a jar" * 1000
JAR = Jar("org.example:thing:1.0", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A Maven repository: its URL, and where the jar's file goes in it."""
    place = tmp_path / "repository" / "org" / "example" / "thing" / "1.0"
    place.mkdir(parents=True)
    handler = partial(QuietHandler, directory=str(tmp_path / "repository"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", place / JAR.filename
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def one_jar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pinned_jars", lambda: (JAR,))
    monkeypatch.setattr(module, "_ATTEMPTS", 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "partial").mkdir()
    return tmp_path / "partial"


def test_a_jar_is_fetched_and_nothing_else_is_left(repository: tuple[str, Path], folder: Path) -> None:
    url, place = repository
    place.write_bytes(CONTENT)
    download(folder, url, Progress(disable=True))
    assert [path.name for path in folder.iterdir()] == [JAR.filename]
    assert JAR.matches(folder / JAR.filename)


def test_other_bytes_are_refused(repository: tuple[str, Path], folder: Path) -> None:
    url, place = repository
    place.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(CorruptDownloadError, match=r"org\.example:thing"):
        download(folder, url, Progress(disable=True))
    assert not (folder / JAR.filename).exists()


# jgo does not close the answers that it does not read.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_jar_that_is_nowhere_is_an_error(repository: tuple[str, Path], folder: Path) -> None:
    with pytest.raises(OSError, match="not found"):
        download(folder, repository[0], Progress(disable=True))
    gc.collect()


def test_what_a_cut_off_download_left_is_fetched_anew(repository: tuple[str, Path], folder: Path) -> None:
    url, place = repository
    place.write_bytes(CONTENT)
    half = folder / ".maven" / "org" / "example" / "thing" / "1.0" / JAR.filename
    half.parent.mkdir(parents=True)
    half.write_bytes(CONTENT[:100])
    (folder / JAR.filename).write_bytes(CONTENT[:200])
    download(folder, url, Progress(disable=True))
    assert JAR.matches(folder / JAR.filename)


def test_what_has_arrived_is_not_fetched_again(folder: Path) -> None:
    (folder / JAR.filename).write_bytes(CONTENT)
    download(folder, "http://127.0.0.1:9", Progress(disable=True))
