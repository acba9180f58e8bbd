"""The settings of the embedded ClickHouse, read once from PROMETHIOS_CLICKHOUSE_… and checked."""

import os
from pathlib import Path
from typing import Self

import psutil
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.embedded.clickhouse.confinement import ConfinementMode
from runtime.settings import SettingsError

_PREFIX = "PROMETHIOS_CLICKHOUSE_"
_GIB = 1 << 30


def _memory_limit() -> int:
    return max(_GIB, min(psutil.virtual_memory().total // 3, 32 * _GIB))


class Settings(BaseSettings):
    """One process: an address, a data folder, a password, and how much of the machine it may take.

    Sizes are bytes, times are seconds.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8123, ge=0, le=65535, description="0 takes a free one and logs it")
    path: Path = Field(description="the data folder; made when missing; one process at a time")
    password_file: Path = Field(description="holds the password of the user promethios, mode 0600")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    connections: int = Field(default=8, ge=1, le=64, description="statements that run at once")
    queue: int = Field(default=64, ge=0, le=4096, description="statements that may wait for their turn")
    queue_timeout: float = Field(default=20.0, gt=0, description="how long one may wait for its turn")
    confinement: ConfinementMode = Field(
        default=ConfinementMode.AUTO,
        description="to the data folder, without a network: auto (as the kernel can), required, off",
    )
    idle_timeout: float = Field(default=60.0, gt=0, description="how long a client may neither send nor read")
    memory: int = Field(default_factory=_memory_limit, ge=_GIB // 2, description="of all statements together")
    threads: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 8), ge=1, description="of one statement"
    )

    @field_validator("path")
    @classmethod
    def _check_path(cls, value: Path) -> Path:
        if "?" in str(value):
            raise ValueError("must not have a question mark in it")
        return value.absolute()

    @property
    def statement_memory(self) -> int:
        """What one statement may take unless it sets max_memory_usage itself."""
        return self.memory // 2

    @classmethod
    def from_env(cls) -> Self:
        """Read the environment once.

        Raises:
            SettingsError: naming each variable that is missing or wrong.
        """
        try:
            return cls()
        except ValidationError as error:
            lines = [
                f"{_PREFIX}{'_'.join(map(str, e['loc']))}".upper() + f": {e['msg']}" for e in error.errors()
            ]
            raise SettingsError("; ".join(lines)) from None

    def read_password(self) -> str:
        """The password, without the line's end.

        Raises:
            SettingsError: the file is missing, empty, or open to others.
        """
        try:
            mode = self.password_file.stat().st_mode
            password = self.password_file.read_text().strip()
        except OSError as error:
            raise SettingsError(
                f"{_PREFIX}PASSWORD_FILE: cannot read {self.password_file}: {error.strerror}"
            ) from error
        if mode & 0o077:
            raise SettingsError(
                f"{_PREFIX}PASSWORD_FILE: others can read {self.password_file}: run chmod 600 on it"
            )
        if not password:
            raise SettingsError(
                f"{_PREFIX}PASSWORD_FILE: {self.password_file} is empty: put a password in it"
            )
        return password
