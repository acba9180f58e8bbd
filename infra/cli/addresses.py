"""Where a subcommand finds the stack's Kafka and ClickHouse, whether its own or external."""

from collections.abc import Mapping
from pathlib import Path

from infra.errors import StackError
from infra.kafka.acls import Users
from infra.kafka.principals import ADMIN, READER, SERVICE_USERS
from infra.supervisor import environment
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import clickhouse_url
from infra.supervisor.settings import StackSettings
from infra.supervisor.stack_file import StackFile, read
from runtime.settings import ClickHouseAddress, KafkaAddress, parse_clickhouse_url, trusted_kafka
from schemas.topics import Service


def kafka_address(folder: DataFolder, stack: StackFile, settings: StackSettings) -> KafkaAddress:
    """The brokers' address, as who administers them: PROMETHIOS_KAFKA_URL, else the stack's own broker.

    Raises:
        SettingsError: PROMETHIOS_KAFKA_URL has another form, or names a Kafka that asks for no password.
        StackError: there is neither an own broker nor that variable, or a password cannot be read.
    """
    if settings.kafka_url is not None:
        return external_kafka(settings.kafka_url.get_secret_value(), settings)
    if stack.broker is None:
        raise StackError(
            "The stack was started with an external Kafka: set PROMETHIOS_KAFKA_URL to it, as it was then."
        )
    return environment.kafka_address(folder, stack.broker)


def operators_kafka(data_dir: Path) -> KafkaAddress:
    """The same for whoever may have no stack of his own here, if PROMETHIOS_KAFKA_URL is set.

    Raises:
        SettingsError, StackError: as `kafka_address`; or there is neither a stack nor that variable.
    """
    settings = StackSettings.from_env()
    if settings.kafka_url is not None:
        return external_kafka(settings.kafka_url.get_secret_value(), settings)
    folder = DataFolder.at(data_dir)
    return kafka_address(folder, read(folder), settings)


def service_kafka_urls(folder: DataFolder, stack: StackFile, settings: StackSettings) -> dict[Service, str]:
    """The brokers' URL for each service, as the user that it is there.

    Raises:
        SettingsError, StackError: as `kafka_address`; also of the variables for one service alone.
    """
    if settings.kafka_url is None and stack.broker is not None:
        return {s: a.url for s, a in environment.service_addresses(folder, stack.broker).items()}
    shared = kafka_address(folder, stack, settings)
    own = {service: _external_user(service, settings) for service in Service}
    return {service: (address or shared).url for service, address in own.items()}


def external_users(settings: StackSettings, named: Mapping[str, str]) -> Users:
    """Who everybody is on an external Kafka.

    `named` goes first, by service or as `admin` and `reader`; then the URL of a service alone; else it is the
    name that we would choose.
    """
    own = {service: _external_user(service, settings) for service in Service}
    known = {service: address.username for service, address in own.items() if address and address.username}
    services = SERVICE_USERS | known | {service: named[service] for service in Service if service in named}
    return Users(admin=named.get("admin", ADMIN), reader=named.get("reader", READER), services=services)


def external_kafka(url: str, settings: StackSettings) -> KafkaAddress:
    """Read a URL of an external Kafka.

    Raises:
        SettingsError: it has another form, or names a Kafka that asks for no password.
    """
    return trusted_kafka(url, insecure=settings.kafka_insecure)


def unreachable(address: KafkaAddress) -> StackError:
    """The error that says that a broker did not do what was asked; aiokafka logs why, and does not tell."""
    whom = f" or does not let {address.username} in" if address.username else ""
    return StackError(
        f"Kafka at {address.bootstrap_servers} does not answer{whom}: start the stack with `promethios up`, "
        "or correct PROMETHIOS_KAFKA_URL."
    )


def effective_clickhouse_url(folder: DataFolder, stack: StackFile, settings: StackSettings) -> str:
    """The URL in PROMETHIOS_CLICKHOUSE_URL, else that of the stack's own ClickHouse."""
    if settings.clickhouse_url:
        return settings.clickhouse_url.get_secret_value()
    password = folder.clickhouse_password_file.read_text(encoding="utf-8").strip()
    return clickhouse_url(stack, password)


def clickhouse_address(folder: DataFolder, stack: StackFile, settings: StackSettings) -> ClickHouseAddress:
    """ClickHouse's address.

    Raises:
        SettingsError: PROMETHIOS_CLICKHOUSE_URL has another form.
    """
    return parse_clickhouse_url(effective_clickhouse_url(folder, stack, settings))


def _external_user(service: Service, settings: StackSettings) -> KafkaAddress | None:
    url = settings.service_kafka_url(service)
    return None if url is None else external_kafka(url.get_secret_value(), settings)
