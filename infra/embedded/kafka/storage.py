"""Format the broker's storage once, so that a kill half-way leaves nothing that counts as formatted.

What is formatted knows the users' passwords already, so that the first start has nobody to let in without.
"""

import base64
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

from infra.embedded.kafka.configuration import Listeners, render, server_properties
from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.java import tool_command
from infra.embedded.kafka.settings import BrokerSettings
from infra.errors import StackError
from infra.kafka.passwords import read_passwords
from infra.secret_files import write_private

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
        StackError: Kafka's tool refused, or a password cannot be read.
    """
    if is_formatted(settings.log_dir):
        return
    passwords = read_passwords(settings.passwords_dir)
    staging = settings.log_dir.with_name("data.formatting")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    format_into(installation, staging, settings.listeners, passwords)
    staging.rename(settings.log_dir)


def format_into(
    installation: Installation, log_dir: Path, listeners: Listeners, passwords: Mapping[str, str]
) -> None:
    """Run Kafka's StorageTool on an empty folder.

    Raises:
        StorageError: the tool refused.
    """
    properties, arguments = log_dir.with_name("format.properties"), log_dir.with_name("format.arguments")
    try:
        # Nobody logs in by this secret: the tool only wants the properties to be whole.
        write_private(properties, render(server_properties(listeners, log_dir, "unused")))
        # A command line can be read by everybody on the machine, so the passwords come by a file.
        write_private(arguments, "".join(f"{line}\n" for line in format_arguments(properties, passwords)))
        _run_tool(installation, log_dir, arguments)
    finally:
        properties.unlink(missing_ok=True)
        arguments.unlink(missing_ok=True)


def format_arguments(properties: Path, passwords: Mapping[str, str]) -> list[str]:
    """The arguments of StorageTool; the passwords must not need quoting."""
    users = [f"SCRAM-SHA-512=[name={user},password={password}]" for user, password in passwords.items()]
    added = [argument for user in users for argument in ("--add-scram", user)]
    return ["format", "--cluster-id", new_cluster_id(), "--config", str(properties), *added]


def _run_tool(installation: Installation, log_dir: Path, arguments: Path) -> None:
    result = subprocess.run(
        tool_command(installation, "kafka.tools.StorageTool", f"@{arguments}"),
        capture_output=True,
        text=True,
        timeout=_FORMAT_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        said = "\n".join(line for line in f"{result.stdout}{result.stderr}".splitlines() if _is_public(line))
        raise StorageError(f"Kafka could not format {log_dir}: {said.strip()}")


def _is_public(line: str) -> bool:
    """Whether a line of the tool's can be shown: some repeat what is derived from the passwords."""
    return "SCRAM" not in line.upper()
