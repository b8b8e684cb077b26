"""Some cases of each fuzzer; running.py runs thousands by hand."""

import sys

import pytest

from tests.fuzz import running


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("module", "count"), [("tests.fuzz.pages", 100), ("tests.fuzz.hub", 150)])
def test_every_case_ends_well(module: str, count: int) -> None:
    report = running.run(module, count)
    assert not report.findings, str(report)
    assert sum(report.ends.values()) == count and len(report.ends) > 1
