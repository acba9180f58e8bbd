"""Settings of the embedded broker, from `PROMETHIOS_KAFKA_…` and the two variables of its download."""

import sys
from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.embedded.kafka.configuration import Listeners
from infra.supervisor.ports import is_loopback


class DownloadSettings(BaseSettings):
    """Where the broker's jars come from and where they are kept between starts."""

    model_config = SettingsConfigDict(env_prefix="PROMETHIOS_", frozen=True)

    cache_dir: Path | None = Field(default=None, description="Folder of downloads that all stacks share.")
    maven_url: str | None = Field(
        default=None, description="A Maven repository to use in place of Maven Central."
    )
    xdg_cache_home: Path | None = Field(default=None, validation_alias=AliasChoices("XDG_CACHE_HOME"))

    @property
    def folder(self) -> Path:
        """The cache folder: the one that was set, else the platform's folder for caches plus `promethios`."""
        if self.cache_dir is not None:
            return self.cache_dir.expanduser().absolute()
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "promethios"
        # The XDG specification says that a relative path is to be ignored.
        if self.xdg_cache_home is not None and self.xdg_cache_home.is_absolute():
            return self.xdg_cache_home / "promethios"
        return Path.home() / ".cache" / "promethios"


class BrokerSettings(BaseSettings):
    """One embedded broker: its addresses, its users, its data folder and its memory."""

    model_config = SettingsConfigDict(env_prefix="PROMETHIOS_KAFKA_", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address that clients connect to.")
    port: int = Field(default=9092, ge=1, le=65535)
    internal_port: int = Field(ge=1, le=65535, description="Loopback port for clients with a password.")
    controller_port: int = Field(ge=1, le=65535, description="Loopback port of the KRaft controller.")
    advertised_host: str | None = Field(
        default=None, description="What clients are told to connect to; `host` where that is no wildcard."
    )
    passwords_dir: Path = Field(description="Folder with each user's password, in a file of that name.")
    path: Path = Field(description="Folder of the broker's data; made when absent.")
    heap_mib: int = Field(default=512, ge=128, description="The Java heap's upper limit.")

    @property
    def listeners(self) -> Listeners:
        """All addresses in one value: where only this machine can come from, the public needs no password.

        Raises:
            OSError: the host is no address, nor a name that has one.
        """
        return Listeners(
            host=self.host,
            port=self.port,
            internal_port=self.internal_port,
            controller_port=self.controller_port,
            anonymous=is_loopback(self.host),
            advertised_host=self.advertised_host,
        )

    @property
    def log_dir(self) -> Path:
        """Kafka's `log.dirs`."""
        return log_dir_of(self.path)


def log_dir_of(path: Path) -> Path:
    """Where a broker with this data folder keeps its log: a folder that is put in place by one rename."""
    return path.absolute() / "data"
