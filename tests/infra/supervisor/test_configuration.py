"""supervisord's configuration: restarts, logs, and no path or secret in its text."""

from configparser import RawConfigParser
from itertools import pairwise

from infra.supervisor.configuration import render
from infra.supervisor.services import SECRETS, stack_services


def parsed(*, user: str | None = None, workers: int = 1) -> RawConfigParser:
    parser = RawConfigParser()
    parser.read_string(
        render(stack_services(kafka=True, clickhouse=True, gateway_workers=workers), user=user)
    )
    return parser


def test_every_service_is_restarted_for_ever_and_has_a_log_of_its_own() -> None:
    parser = parsed(workers=2)
    programs = [section for section in parser.sections() if section.startswith("program:")]
    assert len(programs) == 8
    for section in programs:
        assert parser[section]["autorestart"] == "true"
        assert int(parser[section]["startretries"]) >= 1_000_000
        name = section.removeprefix("program:")
        assert parser[section]["stdout_logfile"] == f"%(ENV_PROMETHIOS_LOG_DIR)s/{name}.log"


def test_services_of_one_order_are_one_group() -> None:
    parser = parsed(workers=2)
    groups = {
        parser[s]["programs"]: parser[s]["priority"] for s in parser.sections() if s.startswith("group:")
    }
    assert groups == {
        "kafka": "10",
        "clickhouse": "20",
        "query,writer,processors,webhooks": "30",
        "gateway-0,gateway-1": "40",
    }


def test_the_socket_is_private() -> None:
    assert parsed()["unix_http_server"]["chmod"] == "0700"
    assert parsed()["supervisord"]["umask"] == "077"


def test_a_gateway_has_its_number_and_its_socket() -> None:
    assert parsed(workers=2)["program:gateway-1"]["environment"] == (
        'PROMETHIOS_GATEWAY_WORKER="1",'
        'PROMETHIOS_GATEWAY_SOCKET="%(ENV_PROMETHIOS_SOCKET_DIR)s/gateway-1.sock"'
    )


def test_a_service_gets_its_own_secrets_and_no_others() -> None:
    def kept(name: str) -> set[str]:
        words = parsed()[f"program:{name}"]["command"].split()
        assert words[0] == "env"
        return set(SECRETS) - {word for before, word in pairwise(words) if before == "-u"}

    assert kept("gateway") == {"PROMETHIOS_GATEWAY_KAFKA_URL"}
    assert kept("processors") == {"PROMETHIOS_PROCESSORS_KAFKA_URL"}
    assert kept("writer") == {"PROMETHIOS_WRITER_KAFKA_URL", "PROMETHIOS_CLICKHOUSE_URL"}
    assert kept("query") == {"PROMETHIOS_QUERY_KAFKA_URL", "PROMETHIOS_CLICKHOUSE_URL"}
    assert kept("webhooks") == {"PROMETHIOS_WEBHOOKS_KAFKA_URL"}
    assert kept("kafka") == kept("clickhouse") == set()


def test_the_user_is_named_only_for_root() -> None:
    assert "user" not in parsed()["supervisord"]
    assert parsed(user="root")["supervisord"]["user"] == "root"
