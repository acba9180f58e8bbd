"""The Java command lines of the broker and of its tools."""

from pathlib import Path

from infra.embedded.kafka.installation import Installation

_LOG_CONFIGURATION = Path(__file__).with_name("log4j2.properties")

# Kafka unmaps files and loads its compression libraries in ways that Java 25 warns about at each start.
_QUIET = ("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")


def tool_command(installation: Installation, main_class: str, *arguments: str) -> list[str]:
    """The command of one of Kafka's short-lived tools; compiled code would not pay within its life."""
    return _command(installation, ["-XX:TieredStopAtLevel=1"], main_class, arguments)


def broker_command(installation: Installation, properties: Path, heap_mib: int) -> list[str]:
    """The command that runs the broker, to be executed by `installation.java`.

    The ahead-of-time cache is used when it is there and fits; Java starts without it when it does not.
    """
    options = ["-Xms128m", f"-Xmx{heap_mib}m", "-XX:+ExitOnOutOfMemoryError"]
    return _command(installation, options, "kafka.Kafka", (str(properties),))


def training_command(installation: Installation, properties: Path, output: Path) -> list[str]:
    """The command of a broker that writes the ahead-of-time cache `output` when it stops."""
    options = [f"-XX:AOTCacheOutput={output}", "-Xlog:aot*=off"]
    return _command(installation, options, "kafka.Kafka", (str(properties),), use_cache=False)


def _command(
    installation: Installation,
    options: list[str],
    main_class: str,
    arguments: tuple[str, ...],
    *,
    use_cache: bool = True,
) -> list[str]:
    cached = use_cache and installation.aot_cache.is_file()
    # A cache that does not fit is no fault: Java says nothing and loads the classes itself.
    cache = [f"-XX:AOTCache={installation.aot_cache}", "-Xlog:aot*=off", "-Xlog:cds*=off"] if cached else []
    return [
        str(installation.java),
        # The cache holds the heap of one collector, so that all commands must use the same.
        "-XX:+UseSerialGC",
        *options,
        *cache,
        *_QUIET,
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={_LOG_CONFIGURATION}",
        "-cp",
        installation.classpath,
        main_class,
        *arguments,
    ]
