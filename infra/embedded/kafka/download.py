"""Download the pinned jars through jgo and let through only bytes that match their pins."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from jgo.maven import MavenContext, PythonResolver
from rich.progress import Progress, TaskID
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from infra.embedded.kafka.jars import KAFKA_VERSION, Jar, pinned_jars

_ATTEMPTS = 3
_PARALLEL = 6
_TIMEOUT_SECONDS = 30


class CorruptDownloadError(OSError):
    """A jar arrived with bytes that are not those of its pin."""


def download(folder: Path, maven_url: str | None, progress: Progress) -> None:
    """Bring every pinned jar into `folder`; jars that are there and whole are kept.

    Raises:
        OSError: the repository cannot be reached, or sends other bytes than those pinned.
    """
    missing = [jar for jar in pinned_jars() if not jar.matches(folder / jar.filename)]
    task = progress.add_task(f"Downloading Kafka {KAFKA_VERSION} (once)", total=sum(j.size for j in missing))
    repository = folder / ".maven"
    context = _maven(repository, maven_url, progress, task)
    with ThreadPoolExecutor(_PARALLEL) as pool:
        # Reading the results raises the first failure; jars that arrived stay for the next try.
        list(pool.map(lambda jar: _fetch(context, jar, folder), missing))
    rmtree(repository, ignore_errors=True)
    progress.remove_task(task)


def _fetch(context: MavenContext, jar: Jar, folder: Path) -> None:
    for attempt in Retrying(
        retry=retry_if_exception_type(OSError),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential(multiplier=0.5),
        reraise=True,
    ):
        with attempt:
            _fetch_once(context, jar, folder)


def _fetch_once(context: MavenContext, jar: Jar, folder: Path) -> None:
    group, name, version = jar.coordinate.split(":")
    artifact = context.project(group, name).at_version(version).artifact()
    if artifact.cached_path is not None:
        # What an interrupted download left would be taken for the whole file.
        artifact.cached_path.unlink(missing_ok=True)
    try:
        path = Path(artifact.resolve())
    except RuntimeError as error:
        # jgo says so when no repository has the file.
        raise OSError(str(error)) from error
    if not jar.matches(path):
        raise CorruptDownloadError(f"{jar.coordinate} does not have the pinned checksum")
    path.rename(folder / jar.filename)


def _maven(repository: Path, url: str | None, progress: Progress, task: TaskID) -> MavenContext:
    advance_lock = threading.Lock()

    @contextmanager
    def report(_filename: str, _size: int) -> Iterator[Callable[[int], None]]:
        def advance(count: int) -> None:
            with advance_lock:
                progress.advance(task, count)

        yield advance

    return MavenContext(
        resolver=PythonResolver(progress_callback=report),
        repo_cache=repository,
        remote_repos={"configured": url.rstrip("/")} if url else None,
        timeout=_TIMEOUT_SECONDS,
    )
