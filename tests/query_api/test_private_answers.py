"""What holds a secret is not kept on the way."""

from fastapi import Response

from query_api.private_answers import forbid_storing


def test_no_cache_may_keep_it() -> None:
    response = Response()
    forbid_storing(response)
    assert response.headers["cache-control"] == "no-store"
