"""What the trials of a packaged program take for a success."""

import pytest

from installer.trial import TrialError
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
