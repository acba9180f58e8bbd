"""Make the ahead-of-time cache: one short life of a broker, after which starts take a quarter of the time."""

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from infra.embedded.kafka.configuration import Listeners, render, server_properties
from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.java import training_command
from infra.embedded.kafka.storage import StorageError, format_into
from infra.kafka.principals import ADMIN
from infra.secret_files import write_private
from infra.supervisor.ports import unused

_DEADLINE_SECONDS = 120
_POLL_SECONDS = 0.1


def train(installation: Installation) -> bool:
    """Write `installation.aot_cache` unless it is there; takes 10 to 20 seconds.

    Returns False when it could not be made: a broker starts without it too, only slower.
    """
    if installation.aot_cache.is_file():
        return True
    with tempfile.TemporaryDirectory(prefix="promethios-kafka-") as folder:
        output = installation.aot_cache.with_suffix(f".{os.getpid()}.partial")
        try:
            _live_once(installation, Path(folder), output)
            output.replace(installation.aot_cache)
        except (OSError, StorageError, subprocess.SubprocessError):
            return False
        finally:
            output.unlink(missing_ok=True)
    return True


def _live_once(installation: Installation, folder: Path, output: Path) -> None:
    listeners = Listeners(
        host="127.0.0.1",
        port=unused(),
        internal_port=unused(),
        controller_port=unused(),
        anonymous=True,
    )
    log_dir = folder / "data"
    log_dir.mkdir()
    format_into(installation, log_dir, listeners, {ADMIN: secrets.token_urlsafe()})
    properties = folder / "server.properties"
    write_private(properties, render(server_properties(listeners, log_dir, secrets.token_urlsafe())))
    with subprocess.Popen(
        training_command(installation, properties, output),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as broker:
        try:
            _wait_until_listening(broker, listeners.port)
            broker.send_signal(signal.SIGTERM)
            broker.wait(_DEADLINE_SECONDS)
        finally:
            broker.kill()


def _wait_until_listening(broker: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if broker.poll() is not None:
            raise TimeoutError("the broker ended before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(_POLL_SECONDS)
    raise TimeoutError("the broker did not listen in time")
