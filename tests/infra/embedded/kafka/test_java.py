"""The command lines: the broker uses the class cache when there is one, training never."""

from pathlib import Path

from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.java import broker_command, tool_command, training_command


def with_cache(folder: Path) -> Installation:
    installation = Installation(folder)
    installation.aot_cache.touch()
    return installation


def test_the_broker_starts_without_a_cache(tmp_path: Path) -> None:
    command = broker_command(Installation(tmp_path), Path("/x/server.properties"), 512)
    assert not any("AOTCache" in option for option in command)
    assert command[-2:] == ["kafka.Kafka", "/x/server.properties"]
    assert "-Xmx512m" in command


def test_the_broker_uses_the_cache(tmp_path: Path) -> None:
    installation = with_cache(tmp_path)
    assert f"-XX:AOTCache={installation.aot_cache}" in broker_command(installation, Path("p"), 512)


def test_training_writes_a_cache_and_does_not_read_one(tmp_path: Path) -> None:
    command = training_command(with_cache(tmp_path), Path("p"), Path("/out.aot"))
    assert "-XX:AOTCacheOutput=/out.aot" in command
    assert not any(option.startswith("-XX:AOTCache=") for option in command)


def test_all_commands_use_one_collector_because_the_cache_fits_one(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    for command in (
        broker_command(installation, Path("p"), 512),
        training_command(installation, Path("p"), Path("o")),
        tool_command(installation, "kafka.tools.StorageTool", "format"),
    ):
        assert [option for option in command if option.endswith("GC")] == ["-XX:+UseSerialGC"]
