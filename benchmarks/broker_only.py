"""A stack of which only the broker goes on, for what is measured beside it."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from benchmarks.stack import Stack
from infra.supervisor.control import Supervisor, socket_of
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import kafka_address
from infra.supervisor.services import stack_services
from infra.supervisor.stack_file import read
from runtime.settings import KafkaAddress


@dataclass(frozen=True)
class BrokerOnly:
    """The broker's process, how to reach it as who may do everything, and what its services are told."""

    process: psutil.Process
    kafka: KafkaAddress
    environment: Mapping[str, str]


def leave_the_broker(stack: Stack) -> BrokerOnly:
    """Stop all that a stack runs beside its broker.

    Raises:
        SystemExit: the stack has no broker of its own, or does not answer.
    """
    folder = DataFolder.at(stack.data_dir)
    broker = read(folder).broker
    if broker is None:
        raise SystemExit("the stack has no broker of its own")
    process = stack.processes()["kafka"]
    environment = _environment(folder)
    _stop_others(folder)
    return BrokerOnly(process, kafka_address(folder, broker), environment)


def _environment(folder: DataFolder) -> dict[str, str]:
    """What the supervisor gives to every service."""
    supervisor = Supervisor(socket_of(folder)).pid()
    if supervisor is None:
        raise SystemExit("the stack's supervisor does not answer")
    return psutil.Process(supervisor).environ()


def _stop_others(folder: DataFolder) -> None:
    services = stack_services(kafka=True, clickhouse=True, gateway_workers=1)
    names = [f"{service.order}:{service.name}" for service in services if service.role != "kafka"]
    command = [sys.executable, "-m", "supervisor.supervisorctl", "-s", f"unix://{socket_of(folder)}"]
    subprocess.run([*command, "stop", *names], check=True, stdout=sys.stderr)
