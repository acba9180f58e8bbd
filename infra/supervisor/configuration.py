"""Write supervisord's configuration.

Paths never stand in the text: they come in through the environment (`%(ENV_X)s`), because a configuration
file has no quoting that every path survives.
"""

from collections.abc import Iterable, Sequence
from configparser import RawConfigParser
from io import StringIO

from infra.supervisor.services import SECRETS, Service

SOCKET_NAME = "supervisor.sock"
_LOG_BYTES = "20MB"
_LOG_BACKUPS = "3"
# Longer than a start that fails for want of a port or a setting, so that such a start counts as a failed one.
_START_SECONDS = "3"
# supervisord waits one second longer before each new try; this many tries outlast any operator's patience.
_NEVER_GIVE_UP = "1000000"


def render(services: Sequence[Service], *, user: str | None) -> str:
    """The configuration of a supervisord whose environment is `environment.supervisor_environment`.

    `user` is named when the supervisor runs as root, which it otherwise warns about.
    """
    parser = RawConfigParser()
    parser.read_dict(_own_sections(user))
    parser.read_dict({f"program:{service.name}": _program(service) for service in services})
    parser.read_dict(_groups(services))
    text = StringIO()
    parser.write(text, space_around_delimiters=False)
    return text.getvalue()


def _own_sections(user: str | None) -> dict[str, dict[str, str]]:
    supervisord = {
        "logfile": "%(ENV_PROMETHIOS_LOG_DIR)s/supervisor.log",
        "logfile_maxbytes": _LOG_BYTES,
        "logfile_backups": _LOG_BACKUPS,
        "pidfile": "%(ENV_PROMETHIOS_RUN_DIR)s/supervisor.pid",
        "childlogdir": "%(ENV_PROMETHIOS_LOG_DIR)s",
        "identifier": "promethios",
        "nodaemon": "true",
        "silent": "true",
        "umask": "077",
    }
    return {
        "supervisord": supervisord | ({"user": user} if user else {}),
        "unix_http_server": {"file": f"%(ENV_PROMETHIOS_SOCKET_DIR)s/{SOCKET_NAME}", "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }


def _groups(services: Iterable[Service]) -> dict[str, dict[str, str]]:
    """A group for each order: supervisord stops one group after the other, and all of a group at once."""
    members: dict[int, list[str]] = {}
    for service in services:
        members.setdefault(service.order, []).append(service.name)
    return {
        f"group:{order}": {"programs": ",".join(names), "priority": str(order)}
        for order, names in members.items()
    }


def _program(service: Service) -> dict[str, str]:
    environment = ",".join(f'{name}="{value}"' for name, value in service.environment.items())
    # supervisord hands down all that it has; `env` becomes the service without what is not for it.
    others = " ".join(f"-u {name}" for name in SECRETS if name not in service.secrets)
    return {
        "command": f"env {others} %(ENV_PROMETHIOS_PYTHON)s -m {service.module}",
        "priority": str(service.order),
        "autostart": "true",
        "autorestart": "true",
        "startsecs": _START_SECONDS,
        "startretries": _NEVER_GIVE_UP,
        "stopsignal": "TERM",
        "stopwaitsecs": str(service.stop_seconds),
        # What a service starts itself ends with it, also when it has to be killed.
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"%(ENV_PROMETHIOS_LOG_DIR)s/{service.name}.log",
        "stdout_logfile_maxbytes": _LOG_BYTES,
        "stdout_logfile_backups": _LOG_BACKUPS,
        **({"environment": environment} if environment else {}),
    }
