"""Where a subcommand finds the stack's Kafka and ClickHouse, whether its own or external."""

from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import clickhouse_url, kafka_url
from infra.supervisor.settings import StackSettings
from infra.supervisor.stack_file import StackFile
from runtime.settings import ClickHouseAddress, KafkaAddress, parse_clickhouse_url, parse_kafka_url


def effective_kafka_url(stack: StackFile, settings: StackSettings) -> str:
    """The URL in PROMETHIOS_KAFKA_URL, else that of the stack's own broker."""
    return settings.kafka_url.get_secret_value() if settings.kafka_url else kafka_url(stack)


def effective_clickhouse_url(folder: DataFolder, stack: StackFile, settings: StackSettings) -> str:
    """The URL in PROMETHIOS_CLICKHOUSE_URL, else that of the stack's own ClickHouse."""
    if settings.clickhouse_url:
        return settings.clickhouse_url.get_secret_value()
    password = folder.clickhouse_password_file.read_text(encoding="utf-8").strip()
    return clickhouse_url(stack, password)


def kafka_address(stack: StackFile, settings: StackSettings) -> KafkaAddress:
    """The brokers' address.

    Raises:
        SettingsError: PROMETHIOS_KAFKA_URL has another form.
    """
    return parse_kafka_url(effective_kafka_url(stack, settings))


def clickhouse_address(folder: DataFolder, stack: StackFile, settings: StackSettings) -> ClickHouseAddress:
    """ClickHouse's address.

    Raises:
        SettingsError: PROMETHIOS_CLICKHOUSE_URL has another form.
    """
    return parse_clickhouse_url(effective_clickhouse_url(folder, stack, settings))
