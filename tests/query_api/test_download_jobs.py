"""Only jobs and links that were made with the secret are understood, and links only in their time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api import errors
from query_api.download_jobs import DownloadFormat, DownloadJob, JobSigner
from query_api.queries.logs import LogSearch
from runtime.problems import ProblemError
from schemas.accesses import ActorKind
from schemas.messages.values import LogLevel

SIGNER = JobSigner(b"s" * 32)


def job(text: str | None = "a b", fields: tuple[tuple[str, str], ...] = (("k", "ü"),)) -> DownloadJob:
    return DownloadJob(
        *("j1", "acme", "scout", DownloadFormat.CSV, ActorKind.OPERATOR, "ada", 5, 1_000, 7, "{}", True),
        levels=(LogLevel.WARN,),
        text=text,
        fields=fields,
    )


SHORT = st.text(max_size=9)


@given(st.none() | st.text(max_size=200), st.lists(st.tuples(SHORT, SHORT), max_size=8))
def test_a_job_reads_back(text: str | None, fields: list[tuple[str, str]]) -> None:
    made = job(text, tuple(fields))
    download_id = SIGNER.write(made)
    assert SIGNER.read(download_id) == made
    assert SIGNER.read_link(download_id, SIGNER.link_signature(download_id), 999) == made


def test_it_asks_for_what_was_searched() -> None:
    wanted = LogSearch(levels=(LogLevel.WARN,), text="a b", fields=(("k", "ü"),))
    assert job().search == wanted
    assert job().ref == ("acme", "scout")


@pytest.mark.parametrize("wrong", ["", ".", "x.y", "é", "a" * 50, "=.=", "WyJ.WyJ"])
def test_what_was_not_made_here_is_not_there(wrong: str) -> None:
    with pytest.raises(ProblemError) as refused:
        SIGNER.read(wrong)
    assert refused.value.kind is errors.NOT_FOUND
    with pytest.raises(ProblemError) as refused:
        SIGNER.read_link(SIGNER.write(job()), wrong, 0)
    assert refused.value.kind is errors.NOT_FOUND


def test_neither_id_nor_link_can_be_altered_or_taken_for_the_other() -> None:
    download_id = SIGNER.write(job())
    payload, _, signature = download_id.partition(".")
    other = SIGNER.write(job("else"))
    for forged in (f"{other.partition('.')[0]}.{signature}", f"{payload}A.{signature}"):
        with pytest.raises(ProblemError):
            SIGNER.read(forged)
    for not_a_link in (signature, JobSigner(b"t" * 32).link_signature(download_id)):
        with pytest.raises(ProblemError):
            SIGNER.read_link(download_id, not_a_link, 0)
    with pytest.raises(ProblemError):
        JobSigner(b"t" * 32).read(download_id)


def test_a_link_expires() -> None:
    download_id = SIGNER.write(job())
    with pytest.raises(ProblemError) as refused:
        SIGNER.read_link(download_id, SIGNER.link_signature(download_id), 1_000)
    assert refused.value.kind is errors.LINK_EXPIRED


def test_an_id_fits_into_a_url() -> None:
    with pytest.raises(ProblemError) as refused:
        SIGNER.write(job("x" * 6_000))
    assert refused.value.kind is errors.INVALID
