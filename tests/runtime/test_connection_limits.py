"""What the server refuses by itself has a row in the table of errors, as everything else."""

from ingest_gateway.openapi_errors import error_kinds
from runtime import connection_limits
from runtime.connection_limits import ConnectionLimits
from runtime.problems import ErrorKind

KINDS = [kind for kind in vars(connection_limits).values() if isinstance(kind, ErrorKind)]


def test_its_errors_are_rows_of_the_gateways_table() -> None:
    assert len(KINDS) == 6
    assert {kind.tag for kind in KINDS} <= {kind.tag for kind in error_kinds()}


def test_a_head_within_the_limits_has_room_for_its_url() -> None:
    limits = ConnectionLimits()
    assert limits.max_url_bytes < limits.max_head_bytes
