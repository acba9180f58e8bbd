"""What `status` says of ClickHouse's confinement."""

import pytest

from infra.cli.confinement import read_confinement, sentence
from infra.embedded.clickhouse.confinement import Confinement
from tests.ports import unused


@pytest.mark.parametrize(
    ("confinement", "said"),
    [
        (Confinement(files=True, network=True), "confined: it reads and writes its own folder only"),
        (Confinement(True, False, "why"), "confined, but only to its own folder: why."),
        (Confinement(False, True, "why"), "confined, but only from the network: why."),
        (Confinement(False, False, "why"), "confined by nothing: why. SQL for analysts has a wall less."),
    ],
)
def test_the_sentence(confinement: Confinement, said: str) -> None:
    assert said in sentence(confinement)


def test_one_that_does_not_answer_says_nothing() -> None:
    assert read_confinement(f"http://127.0.0.1:{unused()}") is None
