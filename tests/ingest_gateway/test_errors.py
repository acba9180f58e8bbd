"""The error table keeps its promises."""

import re

from ingest_gateway.openapi_errors import error_kinds


def test_tags_are_unique_and_stable_in_form() -> None:
    tags = [kind.tag for kind in error_kinds()]
    assert len(tags) == len(set(tags)) > 15
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", tag) for tag in tags)


def test_whoever_may_come_back_is_told_when() -> None:
    for kind in error_kinds():
        assert (kind.retry_after is not None) is (kind.status in {429, 503}), kind.tag


def test_only_our_own_failures_are_logged_loudly() -> None:
    assert {kind.tag for kind in error_kinds() if kind.log_level != "debug"} == {"internal"}
