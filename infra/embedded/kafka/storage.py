"""Format the broker's storage once, so that a kill half-way leaves nothing that counts as formatted."""

import base64
import shutil
import subprocess
import uuid
from pathlib import Path

from infra.embedded.kafka.configuration import Listeners, render, server_properties
from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.java import tool_command
from infra.embedded.kafka.settings import BrokerSettings
from infra.errors import StackError

_FORMAT_SECONDS = 60


class StorageError(StackError):
    """The storage could not be formatted; the text holds what Kafka's tool said."""


def is_formatted(log_dir: Path) -> bool:
    """Whether a start can use the folder as it is."""
    return (log_dir / "meta.properties").is_file()


def new_cluster_id() -> str:
    """A random cluster id in Kafka's form: a UUID in URL-safe base 64, the first character no hyphen."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def ensure_formatted(installation: Installation, settings: BrokerSettings) -> None:
    """Format `settings.log_dir` unless it is; the cluster id is made here and stays for good.

    Raises:
        StorageError: Kafka's tool refused.
    """
    if is_formatted(settings.log_dir):
        return
    staging = settings.log_dir.with_name("data.formatting")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    format_into(installation, staging, port=settings.port, controller_port=settings.controller_port)
    staging.rename(settings.log_dir)


def format_into(installation: Installation, log_dir: Path, *, port: int, controller_port: int) -> None:
    """Run Kafka's StorageTool on an empty folder.

    Raises:
        StorageError: the tool refused.
    """
    properties = log_dir.with_name("format.properties")
    listeners = Listeners(host="127.0.0.1", port=port, controller_port=controller_port)
    wanted = server_properties(listeners, log_dir)
    properties.write_text(render(wanted), encoding="utf-8")
    arguments = ("format", "--cluster-id", new_cluster_id(), "--config", str(properties))
    result = subprocess.run(
        tool_command(installation, "kafka.tools.StorageTool", *arguments),
        capture_output=True,
        text=True,
        timeout=_FORMAT_SECONDS,
        check=False,
    )
    properties.unlink()
    if result.returncode != 0:
        raise StorageError(f"Kafka could not format {log_dir}: {result.stdout}{result.stderr}".strip())
