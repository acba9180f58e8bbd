"""Become the embedded broker: install and format when needed, then replace this process by Java."""

import os
import secrets
import sys

from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from infra.embedded.kafka.configuration import render, server_properties
from infra.embedded.kafka.installation import Installation, ensure, find
from infra.embedded.kafka.java import broker_command
from infra.embedded.kafka.settings import BrokerSettings, DownloadSettings
from infra.embedded.kafka.storage import ensure_formatted
from infra.errors import StackError
from infra.secret_files import write_private

# Shown by `ps`; Java finds itself by /proc and does not care.
_TITLE = "promethios: kafka"


def main() -> None:
    """Run the broker that PROMETHIOS_KAFKA_… describes; returns only by an error."""
    try:
        settings = BrokerSettings()
        installation = _installation()
        ensure_formatted(installation, settings)
    except (StackError, ValidationError) as error:
        sys.exit(str(error))
    properties = settings.path.absolute() / "server.properties"
    wanted = server_properties(settings.listeners, settings.log_dir, secrets.token_urlsafe())
    write_private(properties, render(wanted))
    command = broker_command(installation, properties, settings.heap_mib)
    os.execv(installation.java, [_TITLE, *command[1:]])  # noqa: S606 - the supervised process must be the broker


def _installation() -> Installation:
    downloads = DownloadSettings()
    if found := find(downloads):
        return found
    with Progress(console=Console(stderr=True)) as progress:
        return ensure(downloads, progress)


if __name__ == "__main__":
    main()
