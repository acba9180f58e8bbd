"""What the server refuses by itself has a row in the table of errors, as everything else."""

from ingest_gateway.openapi_errors import error_kinds
from runtime import connection_limits
from runtime.connection_limits import CONNECTION_ERRORS, ConnectionLimits
from runtime.problems import ErrorKind


def test_its_errors_are_rows_of_the_gateways_table() -> None:
    assert {kind.tag for kind in CONNECTION_ERRORS} <= {kind.tag for kind in error_kinds()}


def test_all_of_them_stand_together() -> None:
    kinds = {kind for kind in vars(connection_limits).values() if isinstance(kind, ErrorKind)}
    assert kinds == set(CONNECTION_ERRORS)


def test_a_head_within_the_limits_has_room_for_its_url() -> None:
    limits = ConnectionLimits()
    assert limits.max_url_bytes < limits.max_head_bytes
