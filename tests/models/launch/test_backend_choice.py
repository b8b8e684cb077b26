"""Loadable backends are tried in a process that may die. The C compiler makes backends that misbehave in every way."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.engine.engine import Engine
from models.engine.events import ModelFacts
from models.engine.requests import BackendStatus
from models.launch import backend_choice, backend_probe, backend_probe_child, launcher
from models.launch.backend_choice import RETRY_AFTER
from models.launch.child_process import ChildProcess
from models.launch.launch_cache import LaunchCache
from models.launch.launcher import ChildLauncher
from models.launch.process_outcome import ProcessOutcome
from models.library.app_dirs import app_dirs
from models.library.load_options import LoadOptions
from models.llamacpp import backend_packs, crash_markers, ggml, ggml_backends
from models.llamacpp.ggml import Ggml
from models.llamacpp.ggml_backends import BackendFile, status_words
from tests.models import dying

COMPILER = shutil.which("cc") or shutil.which("c++")
pytestmark = pytest.mark.skipif(
    not COMPILER or not sys.platform.startswith("linux"), reason="needs a C compiler that makes shared libraries"
)

WORKS = """
    void *ggml_backend_cpu_reg(void);
    void *ggml_backend_init(void) { return ggml_backend_cpu_reg(); }
"""
DIES = "void *ggml_backend_init(void) { __builtin_trap(); }"
REFUSES = "void *ggml_backend_init(void) { return 0; }"
SCORE = "int ggml_backend_score(void) { return %d; }"

Make = Callable[..., Path]


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the real libraries of ggml, into which backends can be put; notes and logs of its own."""
    real = ggml_backends.library_folder()
    assert real
    folder = tmp_path / "packages" / "llama_cpp" / "lib"
    folder.mkdir(parents=True)
    for file in real.iterdir():
        (folder / file.name).symlink_to(file)
    if not (real / "libggml-cpu.so").exists():
        pytest.skip("this build has loadable backends of its own")
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(folder))
    monkeypatch.setenv("INKFALL_HOME", str(tmp_path / "home"))
    yield folder


@pytest.fixture
def make(library: Path) -> Make:
    """make(name, code, score): compile a backend into the folder."""

    def compiled(name: str, code: str, score: int = 0, *more: str) -> Path:
        source = library.parent / f"{name}.c"
        source.write_text(code + (SCORE % score if score else ""), encoding="utf-8")
        path = library / f"libggml-{name}.so"
        command = [str(COMPILER), "-x", "c", "-shared", "-fPIC", "-o", str(path), str(source), "-x", "none", *more]
        subprocess.run([*command, f"-L{library}", "-lggml-cpu", "-lggml-base"], check=True)
        return path

    return compiled


def by_family(statuses: tuple[BackendStatus, ...]) -> dict[str, BackendStatus]:
    return {status.family: status for status in statuses}


def test_a_build_without_backends_has_nothing_to_try() -> None:
    if not ggml_backends.found():
        assert backend_choice.settle() == backend_choice.known() == ()


def test_the_best_that_works_is_used_and_remembered(make: Make) -> None:
    make("cpu-zen4", DIES, 9)
    make("cpu-haswell", WORKS, 5)
    make("cpu-x64", WORKS, 1)
    make("cpu-sapphirerapids", WORKS, 0)
    assert backend_choice.known() == ()
    (status,) = backend_choice.settle()
    assert (status.family, status.file, status.works) == ("cpu", "libggml-cpu-haswell.so", True)
    assert status_words(status) == "CPU: AVX2 (haswell)"
    assert backend_choice.known() == (status,)
    assert backend_choice.settle(wanted=lambda: False) == (status,)  # no process was needed


def test_where_all_die_the_reason_is_given(make: Make) -> None:
    make("cpu-zen4", DIES, 9)
    make("cpu-x64", DIES, 1)
    (status,) = backend_choice.settle()
    assert not status.works
    assert status_words(status) == "CPU: not used, it uses an instruction that this processor lacks"


def test_none_for_this_processor(make: Make) -> None:
    make("cpu-apple_m1", WORKS, 0)
    (status,) = backend_choice.settle()
    assert status.message == "none of them is made for this processor"


def test_graphics_without_a_device(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    make("vulkan", WORKS)  # its only device is the processor
    found = by_family(backend_choice.settle())
    assert found["cpu"].works
    assert status_words(found["vulkan"]) == "Vulkan: not used, Vulkan finds no graphics device"


def test_a_missing_driver_is_no_error(make: Make, library: Path) -> None:
    loader = library / "libvulkan-of-nobody.so.1"
    command = ["-shared", "-fPIC", "-x", "c", "/dev/null", f"-Wl,-soname,{loader.name}", "-o", str(loader)]
    subprocess.run([str(COMPILER), *command], check=True)
    make("cpu-x64", WORKS, 1)
    make("vulkan", WORKS, 0, "-Wl,--no-as-needed", str(loader))
    loader.unlink()
    found = by_family(backend_choice.settle())
    assert found["cpu"].works and not found["vulkan"].works
    assert found["vulkan"].message == "this computer has no Vulkan driver (libvulkan-of-nobody.so.1 is missing)"


@pytest.mark.parametrize(
    ("code", "words"),
    [(REFUSES, "finds no graphics device"), (DIES, "lacks"), ("void wrong(void);", "another version")],
)
def test_graphics_that_cannot_be_used_leave_the_processor(make: Make, code: str, words: str) -> None:
    make("cpu-x64", WORKS, 1)
    make("cuda", code)
    found = by_family(backend_choice.settle())
    assert found["cpu"].works and not found["cuda"].works
    assert words in found["cuda"].message


@pytest.fixture
def pack(make: Make, library: Path) -> Callable[[object], Path]:
    """pack(what pack.json says): a stand-in for the CUDA pack in the user's folder. A process that runs it dies."""

    def made(says: object) -> Path:
        make("cpu-x64", WORKS, 1)
        folder = app_dirs().backends / "inkfall-cuda"
        folder.mkdir(parents=True, exist_ok=True)
        code = "void *ggml_backend_init(void) { char *no = 0; return *no ? no : 0; }"
        make("cuda", code).rename(folder / "libggml-cuda.so")
        if says is not None:
            backend_packs.manifest(folder / "libggml-cuda.so").write_text(json.dumps(says), encoding="utf-8")
        return folder

    return made


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (None, "it does not say which llama.cpp it was made for"),
        ([], "it does not say which llama.cpp it was made for"),
        ({"ggml": 1}, "it does not say which llama.cpp it was made for"),
        ({"ggml": "0.1 abc"}, "it was made for ggml 0.1 abc, and this program has {ours}"),
    ],
)
def test_a_pack_for_another_ggml_is_refused_and_never_loaded(
    pack: Callable[[object], Path], library: Path, says: object, words: str
) -> None:
    pack(says)
    found = by_family(backend_choice.settle())
    assert found["cpu"].works and not found["cuda"].works
    assert found["cuda"].message.startswith(words.format(ours=Ggml(library / "libggml.so").identity))
    assert status_words(found["cuda"]).startswith("CUDA: not used, it ")


def test_a_pack_for_this_ggml_is_tried_and_may_die(pack: Callable[[object], Path], library: Path) -> None:
    folder = pack({"ggml": "0.1 abc"})
    assert "0.1 abc" in by_family(backend_choice.settle())["cuda"].message
    ours = Ggml(library / "libggml.so").identity
    (folder / backend_packs.MANIFEST).write_text(json.dumps({"ggml": ours}), encoding="utf-8")
    assert "cuda" not in by_family(backend_choice.known())  # what was said of the old manifest says nothing of this one
    assert by_family(backend_choice.settle())["cuda"].message.startswith("the process that tried it ended with -11")


def test_a_function_is_looked_for_in_all_libraries() -> None:
    one, other = SimpleNamespace(a=1), SimpleNamespace(b=2)
    assert ggml.function("b", [one, other]) == 2
    with pytest.raises(AttributeError):
        ggml.function("c", [one, other])


def test_a_changed_file_and_a_week_are_tried_anew(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    make("cuda", REFUSES)
    then = 1_000_000.0
    assert len(backend_choice.settle(now=lambda: then)) == 2
    assert set(by_family(backend_choice.known(now=lambda: then + RETRY_AFTER / 2))) == {"cpu", "cuda"}
    assert set(by_family(backend_choice.known(now=lambda: then + RETRY_AFTER + 1))) == {"cpu"}
    make("cuda", REFUSES + "int changed;")
    assert set(by_family(backend_choice.known(now=lambda: then))) == {"cpu"}


def test_giving_up_leaves_it_unknown(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    assert backend_choice.settle(wanted=lambda: False) == ()
    assert backend_choice.known() == ()


@pytest.mark.parametrize("code", ["kill(getpid(), SIGKILL);", "kill(getpid(), SIGTERM);"])
def test_a_process_that_is_killed_says_nothing_of_a_backend(make: Make, code: str) -> None:
    make(
        "cpu-x64", "#include <signal.h>\n#include <unistd.h>\nvoid *ggml_backend_init(void) {" + code + "return 0; }", 1
    )
    assert backend_choice.settle() == backend_choice.known() == ()


def test_a_library_that_is_broken_says_nothing_of_a_backend(make: Make, library: Path) -> None:
    make("cpu-x64", WORKS, 1)
    (library / "libggml.so").unlink()
    source = "__attribute__((constructor)) static void dies(void) { __builtin_trap(); }"
    command = [str(COMPILER), "-shared", "-fPIC", "-x", "c", "-", "-o", str(library / "libggml.so")]
    subprocess.run(command, input=source, text=True, check=True)
    assert backend_choice.settle() == backend_choice.known() == ()


@pytest.mark.parametrize(
    "note", [{}, {"file": 1, "message": "", "when": 0}, {"file": "", "message": "x", "when": "soon"}]
)
def test_a_spoilt_note_is_none(note: dict[str, object], make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    backend_choice.settle()
    (key,) = (key for key in app_dirs().engine_notes.read_text().split('"') if key.startswith("backend cpu"))
    LaunchCache(app_dirs().engine_notes).put(key, note)
    assert backend_choice.known() == ()


# ------------------------------------------------------------------------------------------------ later


def died(file: str, number: int) -> tuple[int, ProcessOutcome]:
    """The number and the outcome of a process that ended while it loaded that backend."""
    process = ChildProcess(dying.end_while_loading, file, number, name="dies")
    process.join()
    assert process.pid
    return process.pid, process.end()


def test_one_process_tries_all(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    make("cpu-x64", WORKS, 1)
    make("cuda", WORKS)
    make("vulkan", WORKS)
    monkeypatch.setattr(backend_probe, "backend_probe_child", Spy(started))
    assert len(backend_choice.settle()) == 3
    assert len(started) == 1


class Spy:
    """Counts how often a process is given its task."""

    def __init__(self, messages: list[object]) -> None:
        self._messages = messages

    @property
    def main(self) -> object:
        self._messages.append(None)
        return backend_probe_child.main


def test_a_backend_that_a_process_died_of_later_is_left_out_for_a_week(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    make("cpu-haswell", WORKS, 5)
    assert by_family(backend_choice.settle())["cpu"].file == "libggml-cpu-haswell.so"
    pid, outcome = died("libggml-cpu-haswell.so", signal.SIGSEGV)
    then = 1_000_000.0
    assert backend_choice.blame(pid, outcome, now=lambda: then)
    assert by_family(backend_choice.settle(now=lambda: then + 1))["cpu"].file == "libggml-cpu-x64.so"
    assert by_family(backend_choice.settle(now=lambda: then + RETRY_AFTER + 1))["cpu"].file == "libggml-cpu-haswell.so"


def test_the_last_of_a_family_leaves_a_reason(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    make("cpu-haswell", WORKS, 5)
    backend_choice.settle()
    assert backend_choice.blame(*died("libggml-cpu-haswell.so", signal.SIGSEGV))
    assert backend_choice.blame(*died("libggml-cpu-x64.so", signal.SIGSEGV))
    (status,) = backend_choice.settle()
    assert status_words(status) == "CPU: not used, the engine ended when it used it; it is tried again in a week"


def test_an_instruction_that_is_lacking_later_is_the_processors_backends_fault(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    make("cpu-haswell", WORKS, 5)
    backend_choice.settle()
    assert not backend_choice.blame(1, ProcessOutcome(-signal.SIGABRT))
    assert backend_choice.blame(1, ProcessOutcome(-signal.SIGILL))
    assert by_family(backend_choice.settle())["cpu"].file == "libggml-cpu-x64.so"
    assert backend_choice.blame(1, ProcessOutcome(-signal.SIGILL))
    assert not backend_choice.blame(1, ProcessOutcome(-signal.SIGILL))  # none is left that could be to blame


def test_who_was_killed_is_no_proof(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    found = backend_choice.settle()
    assert not backend_choice.blame(*died("libggml-cpu-x64.so", signal.SIGKILL))
    assert backend_choice.settle(wanted=lambda: False) == found


def test_the_backend_loaded_when_all_ended_is_tried_again(make: Make) -> None:
    make("cpu-x64", WORKS, 1)
    make("cuda", REFUSES)
    assert len(backend_choice.settle()) == 2
    died("libggml-cuda.so", signal.SIGKILL)
    assert set(by_family(backend_choice.settle(wanted=lambda: False))) == {"cpu"}
    assert set(by_family(backend_choice.settle())) == {"cpu", "cuda"}


def test_where_nothing_can_be_written_it_lasts_as_long_as_the_process(make: Make, tmp_path: Path) -> None:
    make("cpu-x64", WORKS, 1)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "data").write_text("a file, where a folder should be")
    found = backend_choice.settle()
    assert found and found == backend_choice.known() == backend_choice.settle(wanted=lambda: False)


def test_an_engine_whose_trusted_backend_breaks_writes_without_it(
    make: Make, tmp_path: Path, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.models.asking import answer

    make("cpu-x64", WORKS, 1)
    make("cuda", WORKS)
    trust = {"file": "libggml-cuda.so", "message": "a card", "when": 0}
    backend_choice.settle()
    (key,) = (key for key in app_dirs().engine_notes.read_text().split('"') if key.startswith("backend cuda"))
    LaunchCache(app_dirs().engine_notes).put(key, trust)
    assert by_family(backend_choice.known())["cuda"].works
    engine = Engine(ChildLauncher(tmp_path / "engine.log", tmp_path / "notes.json", dying.start_child))
    try:
        last = answer(engine, engine.load(tiny_llama)).events[-1]
        assert isinstance(getattr(last, "model", None), ModelFacts), last
        assert not by_family(backend_choice.known())["cuda"].works
    finally:
        engine.close()


def test_a_standstill_ends_the_process_and_work_does_not(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    for target, code, left in ((dying.stand_still, crash_markers.STOOD_STILL, 1), (dying.is_busy, 0, 0)):
        process = context.Process(target=target, args=(str(tmp_path),))
        process.start()
        process.join()
        assert process.exitcode == code
        notes = list(crash_markers.all_markers(tmp_path))
        assert len(notes) == left
        for note in notes:
            assert (note.file, note.pid) == ("libggml-vulkan.so", process.pid)
            assert not crash_markers.is_loading(note)
            crash_markers.forget(note)


def test_a_driver_that_hangs_is_given_up(make: Make, tmp_path: Path) -> None:
    path = make("cuda", "#include <unistd.h>\nvoid *ggml_backend_init(void) { sleep(60); return 0; }")
    plugin = ggml_backends.named(path)
    assert isinstance(plugin, BackendFile)
    (proved,) = backend_probe.probe({"cuda": [plugin]}, tmp_path / "log", lambda: True, stall=1.0)
    assert proved.message == "it stopped responding"


def test_a_frozen_program_gives_the_true_reason() -> None:
    error = OSError("Failed to load dynlib/dll '/x/bin/libggml-vulkan.so'. Most likely …")
    error.__cause__ = OSError("libvulkan.so.1: cannot open shared object file: No such file or directory")
    assert backend_probe_child.plain(error) == "this computer has no Vulkan driver (libvulkan.so.1 is missing)"


@pytest.mark.skipif(not ggml_backends.found(), reason="this build has its backends compiled in")
def test_a_model_runs_on_the_chosen_backends(tiny_llama: Path, tmp_path: Path) -> None:
    from tests.models.asking import answer

    engine = launcher.engine(tmp_path / "engine.log", tmp_path / "notes.json")
    try:
        loaded = answer(engine, engine.load(tiny_llama, LoadOptions(device="cpu"))).events[-1]
        model = getattr(loaded, "model", None)
        assert isinstance(model, ModelFacts), loaded
        chosen = next(one for one in backend_choice.known() if one.family == ggml_backends.CPU)
        file = ggml_backends.file_of(chosen)
        assert file and model.device.startswith(f"CPU ({file.words}), ")
    finally:
        engine.close()
