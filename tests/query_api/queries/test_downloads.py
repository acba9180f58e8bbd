"""The queries of a download bind everything, and ask for what was there when it was made."""

import msgspec
import pytest

from query_api.download_jobs import DownloadFormat
from query_api.queries.downloads import FORMATS, content, count
from query_api.queries.logs import LogSearch
from schemas.identity import AgentRef
from tests.query_api.queries.placeholders import placeholders
from tests.query_api.test_download_jobs import job


@pytest.mark.parametrize("file_format", DownloadFormat)
def test_everything_is_bound_in_every_format(file_format: DownloadFormat) -> None:
    query = content(msgspec.structs.replace(job(), format=file_format))
    assert placeholders(query) >= {"tenant_id", "agent_id", "text", "received_before"}
    assert query.parameters["received_before"] == 5
    assert FORMATS[file_format]


def test_what_comes_later_is_not_counted() -> None:
    query = count(AgentRef("acme", ""), LogSearch(text="x"), 9)
    assert placeholders(query) == {"tenant_id", "text", "received_before"}
