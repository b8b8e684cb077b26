"""An export in a process of its own: how it ends, and that it leaves nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.exporting.exports import Exports, Job
from tests.desktop.exporting import jobs

Run = Callable[[Job], Exports]


@pytest.fixture
def run(qtbot: QtBot, tmp_path: Path) -> Iterator[Run]:
    """Export with that job, from page.inkfall to out.txt."""
    made: list[Exports] = []
    (tmp_path / "page.inkfall").write_bytes(b"the page")

    def begin(job: Job) -> Exports:
        exports = Exports(tmp_path / "scratch", job=job)
        made.append(exports)
        exports.export(tmp_path / "page.inkfall", tmp_path / "out.txt")
        return exports

    yield begin
    for exports in made:
        exports.close()
    assert not list((tmp_path / "scratch").iterdir())
    assert not list(tmp_path.glob(".*.part"))


def test_all_goes_well(run: Run, tmp_path: Path, qtbot: QtBot) -> None:
    exports = run(jobs.good)
    progress: list[str] = []
    exports.progressed.connect(progress.append)
    with qtbot.waitSignal(exports.message, timeout=20_000) as blocker:
        assert exports.busy
    assert blocker.args == [f"Exported to {tmp_path / 'out.txt'}."] and not exports.busy
    assert (tmp_path / "out.txt").read_bytes() == b"the page"
    assert progress[0] == "Exporting to out.txt: 2.0 MB…" and progress[-1] == ""


@pytest.mark.parametrize(
    ("job", "sentence"),
    [
        (jobs.bad, "There is no room."),
        (jobs.dead, "The page could not be exported: the process that did it ended."),
    ],
)
def test_failures_are_reported(run: Run, job: Job, sentence: str, qtbot: QtBot) -> None:
    with qtbot.waitSignal(run(job).message, timeout=20_000) as blocker:
        pass
    assert blocker.args == [sentence]


def test_it_can_be_stopped(run: Run, tmp_path: Path, qtbot: QtBot) -> None:
    exports = run(jobs.endless)
    qtbot.waitUntil(lambda: bool(list(tmp_path.glob(".*.part"))), timeout=20_000)
    exports.stop()
    assert not exports.busy
    qtbot.waitUntil(lambda: not list(tmp_path.glob(".*.part")), timeout=5_000)
    assert not (tmp_path / "out.txt").exists()
