"""The error table is complete and consistent."""

from query_api.errors import ERROR_KINDS


def test_every_kind_has_a_tag_of_its_own() -> None:
    assert len({kind.tag for kind in ERROR_KINDS}) == len(ERROR_KINDS)


def test_whoever_should_ask_again_is_told_when() -> None:
    for kind in ERROR_KINDS:
        assert (kind.retry_after is not None) == (kind.status in {429, 503}), kind.tag
