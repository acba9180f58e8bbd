"""An embedded ClickHouse of a test's own: `python -m infra.embedded.clickhouse` over one folder."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import clickhouse_connect
import urllib3
from clickhouse_connect.driver import Client

from tests.ports import unused

START_SECONDS = 180.0
USER = "promethios"
PASSWORD = "s3cret 'quoted' \\ password"
AUTHORIZATION = dict(urllib3.make_headers(basic_auth=f"{USER}:{PASSWORD}"))
NO_HEADERS: Mapping[str, str] = {}


class EmbeddedClickHouse:
    """One process at a time; it can be stopped, killed and started again on the same data and port."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = unused()
        self.password_file = folder / "password"
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(PASSWORD + "\n")
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.http = urllib3.PoolManager(maxsize=32, retries=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "clickhouse.log").read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "PROMETHIOS_CLICKHOUSE_PORT": str(self.port),
            "PROMETHIOS_CLICKHOUSE_PATH": str(self.folder / "data"),
            "PROMETHIOS_CLICKHOUSE_PASSWORD_FILE": str(self.password_file),
            **{f"PROMETHIOS_CLICKHOUSE_{name.upper()}": value for name, value in self._settings.items()},
        }

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.settings}

    def with_data(self, data: Path) -> "EmbeddedClickHouse":
        """Begin with a copy of the data of one that is stopped."""
        shutil.copytree(data, self.folder / "data", symlinks=True)
        return self

    def start(self) -> "EmbeddedClickHouse":
        """Start and wait until it answers."""
        with (self.folder / "clickhouse.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.embedded.clickhouse"],
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)
        return self

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=120)

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=60)

    def answers(self) -> bool:
        try:
            return self.http.request("GET", self.url + "ping", timeout=30).data == b"Ok.\n"
        except urllib3.exceptions.HTTPError:
            return False

    def request(
        self,
        sql: str | bytes,
        body: bytes | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        **arguments: object,
    ) -> urllib3.BaseHTTPResponse:
        """POST a statement, in the URL if there is a body of data; `arguments` of the URL by name."""
        if body is not None:
            arguments["query"] = sql
        return self.http.request(
            "POST",
            self.url + "?" + urlencode(arguments),
            body=sql if body is None else body,
            headers={**AUTHORIZATION, **headers},
            decode_content=False,
            timeout=60,
        )

    def query(self, sql: str | bytes, body: bytes | None = None, **arguments: object) -> str:
        """The text that a statement gives; it must succeed."""
        response = self.request(sql, body, NO_HEADERS, **arguments)
        assert response.status == 200, response.data.decode()
        return response.data.decode()

    def insert(self, table: str, rows: bytes, **arguments: object) -> None:
        """Insert NDJSON; it must succeed."""
        self.query(f"INSERT INTO {table} FORMAT JSONEachRow", rows, **arguments)

    @property
    def connection(self) -> dict[str, Any]:
        """The arguments of clickhouse-connect's clients."""
        return {"host": "127.0.0.1", "port": self.port, "username": USER, "password": PASSWORD}

    def client(self) -> Client:
        return clickhouse_connect.get_client(**self.connection)
