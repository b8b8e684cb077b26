"""What the trials of a packaged program take for a success."""

from pathlib import Path

import pytest

from installer import traps
from installer.trial import USER, Room, TrialError, nothing_was_run, stand_among_traps
from installer.trial_graphics import CASES
from installer.trial_processors import PROCESSORS, Processor, judge

WRITES = "backend    CPU: AVX2 (haswell)\nself-test  passed: it wrote\ndoctor ended with 0\ncomplete ended with 0"
TOO_OLD = "inkfall: This processor lacks SSE4.2: …\ndoctor ended with 1"


@pytest.mark.parametrize(("backend", "told"), [("haswell", WRITES), ("", TOO_OLD)])
def test_a_processor_that_is_as_it_has_to_be(backend: str, told: str) -> None:
    judge(Processor("any", backend), told)


@pytest.mark.parametrize(
    ("backend", "told", "words"),
    [
        ("sandybridge", WRITES, "was not chosen"),
        ("haswell", WRITES.replace("passed", "FAILED"), "does not write"),
        ("haswell", WRITES.replace("complete ended with 0", "complete ended with 1"), "does not write"),
        ("", "Illegal instruction\ndoctor ended with 132", "too old"),
        ("", TOO_OLD.replace("with 1", "with 0"), "too old"),
    ],
)
def test_a_processor_that_is_not(backend: str, told: str, words: str) -> None:
    with pytest.raises(TrialError, match=words):
        judge(Processor("any", backend), told)


def test_every_kind_of_processor_and_driver_is_tried_once() -> None:
    assert [one.backend for one in PROCESSORS] == ["haswell", "sandybridge", "sse42", ""]
    assert len({case.name for case in CASES}) == len({case.words for case in CASES}) == len(CASES)


def test_what_is_run_of_the_working_folder_ends_the_trial(tmp_path: Path) -> None:
    here = Room(tmp_path)
    stand_among_traps(here)
    assert f"env -C /home/{USER}/trapped -i " in " ".join(here.alone("inkfall", "doctor"))
    folder = tmp_path / "home" / USER / "trapped"
    assert {"struct.py", "types.py", "socket.py"} <= {path.name for path in folder.iterdir()}
    nothing_was_run(here)
    (folder / traps.NOTES).write_text("module struct\n", encoding="utf-8")
    with pytest.raises(TrialError, match="working folder: module struct"):
        nothing_was_run(here)
