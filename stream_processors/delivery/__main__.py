"""Compare what was accepted with what is stored: one JSON object on stdout.

It is run by `promethios audit delivery`, which may not import what the writer decides by.
"""

import asyncio
import sys

import msgspec
from aiokafka.errors import KafkaConnectionError, KafkaError
from clickhouse_connect.driver.exceptions import ClickHouseError

from runtime import logging
from runtime.settings import SettingsError
from stream_processors.delivery.auditing import audit
from stream_processors.delivery.settings import DeliverySettings


def main() -> None:
    """Exit code 0 when all was compared, whatever came of it; else the last line on stderr says why not."""
    try:
        settings = DeliverySettings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    logging.configure("delivery", settings.log_level)
    try:
        found = asyncio.run(audit(settings.kafka, settings.clickhouse, settings.delivery_hours))
    except KafkaConnectionError as error:
        sys.exit(
            "Kafka does not answer: start the stack with `promethios up`, or correct "
            f"PROMETHIOS_KAFKA_URL ({error})."
        )
    except (KafkaError, TimeoutError) as error:
        sys.exit(f"Kafka could not be read to the end: {error!r}")
    except ClickHouseError as error:
        sys.exit(f"ClickHouse could not be asked: {error}")
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
