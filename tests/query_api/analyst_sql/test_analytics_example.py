"""examples/analytics draws trust and spend, by clickhouse-connect and by the query API."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.api_process import ADMIN, TENANT, QueryApiProcess

pytestmark = pytest.mark.integration

EXAMPLE = Path(__file__).parents[3] / "examples" / "analytics" / "fleet.py"


@pytest.mark.parametrize("by", ["clickhouse", "api"])
def test_a_picture_is_drawn(
    two_tenants: EmbeddedClickHouse, sql_api: QueryApiProcess, tmp_path: Path, by: str
) -> None:
    (tmp_path / "clickhouse.password").write_text(two_tenants.password_file.read_text())
    (tmp_path / "admin.token").write_text(ADMIN)
    picture = tmp_path / "fleet.png"
    asked = ["--api", sql_api.url] if by == "api" else ["--port", str(two_tenants.port)]
    options = ["--data-dir", str(tmp_path), "--tenant", TENANT, "--out", str(picture)]
    drawn = subprocess.run(
        [sys.executable, str(EXAMPLE), *options, *asked],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert drawn.returncode == 0, drawn.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
