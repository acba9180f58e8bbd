"""What a key may do unless somebody says otherwise."""

from schemas.permissions import DEFAULT_PERMISSIONS, Permission


def test_a_new_key_reports_and_asks_for_decisions_and_reads_nothing() -> None:
    assert set(Permission) - set(DEFAULT_PERMISSIONS) == {Permission.LOGS_READ}
