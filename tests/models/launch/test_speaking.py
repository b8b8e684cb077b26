"""The engine in a language other than English: its child uses it too, and its notes are understood in all languages."""

from pathlib import Path

from models.engine.events import Trying
from models.engine.requests import Load
from models.launch import offload_fallback
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.scripted.model import PreparedModel
from tests.models.asking import always
from tests.resources.in_korean import run_in_korean

PATH = "scripted:?layers=20&fail_above=12"
LOAD = f"""
import sys
from models.engine.requests import Load, LoadOptions
from models.launch import offload_fallback
from models.library.model_ref import ModelRef
from models.scripted.model import PreparedModel
steps = []
model = offload_fallback.load(
    PreparedModel.named({PATH!r}, LoadOptions()),
    Load(1, ModelRef({PATH!r}), LoadOptions(), sys.argv[1]),
    steps.append,
    lambda _: True,
)
print([step.layers for step in steps], model.facts.why)
"""
DEATH = """
import sys
from pathlib import Path
from models.launch import launcher
from models.engine.events import Died, Ended, Failed, Loaded
from models.engine.prefix import TextPiece
from models.sampling.knobs import NEUTRAL
engine = launcher.engine(Path(sys.argv[1]))
ends = (Loaded, Ended, Failed, Died)

def end(job):
    while True:
        for event in engine.wait(1.0):
            if isinstance(event, ends):
                return event

failed = end(engine.load("scripted:?fail=1"))
print(failed.sentence)
end(engine.load("scripted:?die_after=2"))
print(end(engine.generate([TextPiece("The")], NEUTRAL, 9, 0)).sentence)
engine.close()
"""


def test_the_child_speaks_it_and_so_does_the_sentence_of_its_death(tmp_path: Path) -> None:
    refusal, death = run_in_korean(DEATH, tmp_path / "engine.log").splitlines()
    assert refusal == "스크립트에 이 모델을 불러올 수 없다고 되어 있습니다."
    assert death.startswith("llama.cpp 내부 오류로 엔진이 중단되었습니다 (마지막 출력: GGML_ASSERT(scripted) failed")
    assert death.endswith("페이지는 그대로이며, 다음 요청 때 엔진이 다시 시작됩니다.")


def loaded(notes: Path) -> tuple[list[int], str]:
    """The tried layers, and the reason in English."""
    steps: list[Trying] = []
    request = Load(1, ModelRef(PATH), LoadOptions(), str(notes))
    model = offload_fallback.load(PreparedModel.named(PATH, LoadOptions()), request, steps.append, always)
    return [step.layers for step in steps], model.facts.why


def test_notes_are_understood_in_another_language(tmp_path: Path) -> None:
    notes = tmp_path / "engine-notes.json"
    assert run_in_korean(LOAD, notes).startswith("[20, 10] Scripted0 장치에서 실행되지 않았습니다")
    assert loaded(notes) == ([10], "All 20 layers did not run on Scripted0: it failed.")


def test_and_the_other_way_round(tmp_path: Path) -> None:
    notes = tmp_path / "engine-notes.json"
    assert loaded(notes)[0] == [20, 10]
    steps = run_in_korean(LOAD, notes)
    assert steps.startswith("[10] Scripted0 장치에서 실행되지 않았습니다")
    assert "full" not in steps
    assert loaded(notes) == ([10], "All 20 layers did not run on Scripted0: The scripted device is full.")
