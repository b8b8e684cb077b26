"""The report's table, and the build that it compares with."""

import json
from pathlib import Path

from installer import report
from installer.report import Figure


def test_the_build_before_is_the_newest_older_one(tmp_path: Path) -> None:
    for stem, value in (("000000000010", 1.0), ("000000000020", 2.0), ("000000000030", 3.0)):
        figures = [{"name": "window", "value": value, "unit": "s"}]
        (tmp_path / f"{stem}.json").write_text(json.dumps(figures), encoding="utf-8")
    assert report.before(tmp_path, "000000000030") == {"window": 2.0}
    assert report.before(tmp_path, "000000000010") == {}


def test_the_table_shows_the_change() -> None:
    lines = report.table([Figure("window", 0.5, "s"), Figure("new", 1.0, "MB")], {"window": 0.75}).splitlines()
    assert lines[0].split() == ["window", "0.50", "s", "-0.25", "0.67", "x"]
    assert lines[1].split() == ["new", "1.00", "MB"]


def test_links_count_as_links(tmp_path: Path) -> None:
    (tmp_path / "library").write_bytes(b"x" * 1000)
    (tmp_path / "link").symlink_to("library")
    assert report.on_disk(tmp_path) == 1000 + len("library")
