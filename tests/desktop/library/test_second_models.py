"""The models that can stand beside the loaded one: which are listed, and what is forecast for each."""

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.library import second_models
from desktop.library.second_models import SecondModelChoice
from models.library.app_dirs import AppDirs, under
from models.library.beside import Held
from models.library.fit import Machine, MemoryPool
from models.library.load_options import LoadOptions
from tests.desktop.conftest import FACTS
from tests.desktop.library.test_local_actions import gguf
from tests.models import tiny

MB = 10**6


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppDirs:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return under(tmp_path / "home")


def machine(megabytes: float) -> Machine:
    return Machine(MemoryPool("CPU", "CPU", int(megabytes * MB), int(megabytes * MB)))


def test_recent_models_come_first_and_the_loaded_one_is_left_out(home: AppDirs, tmp_path: Path) -> None:
    here = [gguf(home.models / f"{name}.gguf", name) for name in ("one", "two", "three")]
    far, gone = gguf(tmp_path / "far.gguf", "far"), tmp_path / "gone.gguf"
    recent = [str(here[1]), str(far), str(gone), "scripted:?heat=2", str(here[0])]
    loaded = replace(FACTS, path=str(here[0]))
    found = [choice.path for choice in second_models.choices(home, recent, loaded)]
    assert found[:3] == [str(here[1]), str(far), "scripted:?heat=2"] and str(here[2]) in found
    assert str(here[0]) not in found and str(gone) not in found
    assert str(here[0]) in [choice.path for choice in second_models.choices(home, recent, None)]


def judge(path: Path | str, megabytes: float, taken: Held) -> SecondModelChoice:
    return second_models.judge(second_models.of_file(str(path)), taken, LoadOptions(), machine(megabytes))


def test_forecasts(tmp_path: Path) -> None:
    path = tiny.make(tmp_path / "tiny.gguf", "llama")
    taken = Held("Gemma", mapped=50 * MB, memory=100 * MB)
    fits = judge(path, 2_000, taken)
    assert fits.fits and not fits.fits_in_turns and fits.words.startswith("fits, ") and "Gemma" in fits.sentence
    need = fits.forecast.placement.total if fits.forecast else 0
    turns = judge(path, need / MB + 40, taken)
    assert turns.fits_in_turns and not turns.fits and turns.words.startswith("in turns, ")
    none = judge(path, 1, taken)
    assert not none.fits and not none.fits_in_turns and none.words.startswith("too large: ")
    script = judge("scripted:", 1, taken)
    assert script.fits and script.words == "fits" and not script.sentence
    unread = second_models.of_file(str(path))
    assert unread.words == "…" and not unread.fits


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + bytes(40))
    for path in (bad, tmp_path / "gone.gguf"):
        found = judge(path, 2_000, Held())
        assert found.judged and not found.fits and found.words == "can't be opened" and found.sentence.endswith(".")


def test_what_the_loaded_model_holds(tmp_path: Path) -> None:
    path = tiny.make(tmp_path / "tiny.gguf", "llama")
    loaded = replace(FACTS, path=str(path), name="Tiny", context=512, offloaded=0)
    found = second_models.held_by(loaded, LoadOptions())
    assert found.name == "Tiny" and found.mapped > 0 and found.memory > 0 and not found.devices
    assert second_models.held_by(None, LoadOptions()) == Held()
    assert second_models.held_by(FACTS, LoadOptions()).total == 0
    assert second_models.held_by(replace(loaded, path=str(tmp_path / "gone")), LoadOptions()).total == 0
