"""A download that takes memory as it takes lines is told."""

from benchmarks.query.downloading import MAY_GROW, Download


def test_growth_beyond_what_is_constant_is_missed() -> None:
    before = {"query": 100.0, "clickhouse": 600.0}
    fine = Download(10, before=before, most={name: before[name] + MAY_GROW[name] for name in before})
    assert not fine.grew_too_much
    assert "MISSED" not in fine.report()
    for name in before:
        grown = Download(10, before=before, most={**fine.most, name: fine.most[name] + 1})
        assert grown.grew_too_much
        assert grown.report().endswith("MISSED")
