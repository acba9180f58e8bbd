"""The table of the validation, made from lives that were not lived."""

from array import array

from benchmarks.trust.conducts import DAY, END, HONEST, Label
from benchmarks.trust.driving import Trace
from benchmarks.trust.fleet import Fleet
from benchmarks.trust.report import recommended_rows, rows, table

MINUTES = int(END)


def life(label: Label) -> Trace:
    """90 for ever when honest; else 40 from the second day on."""
    onset = END if label in (*HONEST, Label.RETRYING) else DAY
    scores = array(
        "d", [90.0] * int(min(onset, DAY)) + [90.0 if onset == END else 40.0] * (MINUTES - int(DAY))
    )
    return Trace(label, onset, 1.0, 1000, scores, array("b", [4] * MINUTES), scores, scores)


def test_every_line_is_filled() -> None:
    fleet = Fleet(1, {label: [life(label)] for label in Label}, 0.002)
    lines = table([*rows(), *recommended_rows()], [fleet]).splitlines()
    assert lines[0] == "| metric | target | seed 1 |"
    assert len(lines) == 2 + len(rows()) + len(recommended_rows())
    assert all(line.count("|") == 4 for line in lines)
    by_metric = {line.split(" | ")[0][2:]: line.split(" | ")[2][:-2] for line in lines[2:]}
    assert by_metric["AUC of the mean score, all bad against honest"] == "1.000"
    assert by_metric["hard false alarms (<50) in 1000 honest agent-days"] == "0.0 (0 in 14)"
    assert by_metric["silent: watch, restricted, p50"] == "1.0 min (1 of 1), 1.0 min (1 of 1)"
    assert by_metric["CPU us an event, its making included"] == "0.1"
