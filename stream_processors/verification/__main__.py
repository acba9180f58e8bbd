"""Compare the processors' state and outputs with a replay: a line of JSON a partition on stdout.

It is run by `promethios replay --verify`, which may not import what it compares.
"""

import asyncio
import sys

import msgspec
from aiokafka.errors import KafkaError

from runtime import logging
from runtime.settings import SettingsError
from schemas.errors import InvalidMessageError
from stream_processors.verification.settings import VerificationSettings
from stream_processors.verification.verifying import partition_count, verify


async def _verify(settings: VerificationSettings) -> None:
    count = await partition_count(settings.kafka)
    wanted = settings.verify_partition
    if wanted is not None and wanted >= count:
        sys.exit(f"There is no partition {wanted}: there are {count}, from 0.")
    partitions = range(count) if wanted is None else [wanted]
    async for verification in verify(settings.kafka, partitions):
        sys.stdout.buffer.write(msgspec.json.encode(verification) + b"\n")
        sys.stdout.buffer.flush()


def main() -> None:
    """Exit code 0 when all was compared, whatever came of it; else the last line on stderr says why not."""
    try:
        settings = VerificationSettings.from_env()
    except SettingsError as error:
        sys.exit(str(error))
    logging.configure("verification", settings.log_level)
    try:
        asyncio.run(_verify(settings))
    except InvalidMessageError as error:
        sys.exit(f"A derived topic holds what is no event: {error}")
    except (KafkaError, TimeoutError) as error:
        sys.exit(f"Kafka could not be read to the end: {error!r}")


if __name__ == "__main__":
    main()
