from molq.report.text.coverage import coverage_text

COVERAGE = {
    "scaffold": 0.512,
    "generic_scaffold": 0.7,
    "element": 1.0,
    "library_molecules": 2000.0,
    "library_used": 1990.0,
    "library_rejected": 10.0,
}


def test_shares_and_counts():
    lines = coverage_text(COVERAGE, 200).splitlines()
    assert lines[0] == "  scaffold coverage           51.2% of the library's other molecules"
    assert lines[3] == "  library molecules                     2,000"
    assert max(map(len, lines)) <= 80
    assert "note" not in lines[-1]


def test_a_draw_and_a_poor_pool_are_noted():
    text = coverage_text(COVERAGE | {"library_used": 500.0, "molecules_from_nearest_stratum": 12.0}, 200)
    assert "note: coverage is counted on a seeded draw of 500 library molecules" in text
    assert "12 of 200 come from the nearest strata" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
