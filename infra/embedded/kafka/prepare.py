"""Do what the first start needs, once: download, and make the class cache. Run by `up`, and by installers."""

from rich.console import Console
from rich.progress import Progress

from infra.embedded.kafka.installation import Installation, ensure
from infra.embedded.kafka.settings import DownloadSettings
from infra.embedded.kafka.training import train


def prepare(progress: Progress) -> Installation:
    """Install the broker and make its starts fast; does nothing, and asks no network, when that is done.

    Raises:
        InstallationError: the download failed.
    """
    installation = ensure(DownloadSettings(), progress)
    if not installation.aot_cache.is_file():
        task = progress.add_task("Preparing fast starts of Kafka (once)", total=None)
        train(installation)
        progress.remove_task(task)
    return installation


if __name__ == "__main__":
    with Progress(console=Console(stderr=True)) as shown:
        prepare(shown)
