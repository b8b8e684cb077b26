"""The engine through its real child process: it answers, dies, comes back, and no caller waits for the pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from models.engine.engine import _MAX_EVENTS, Engine
from models.engine.events import (
    BiasRead,
    Died,
    Distributed,
    Ended,
    Evaluated,
    Event,
    Failed,
    Loaded,
    Loading,
    Sampled,
    Started,
    Unloaded,
    VocabularyRead,
)
from models.engine.prefix import TextPiece, TokenPiece
from models.engine.requests import Draws, Load
from models.errors import Stopped
from models.launch import launcher
from models.launch.launcher import ChildLauncher, start_child
from models.library.load_options import LoadOptions
from models.sampling.bias import BiasToken
from models.sampling.knobs import NEUTRAL, Sampling
from tests.models.asking import Answer, answer

PAGE = [TextPiece("The old lighthouse keeper")]
FAST, SLOW = "scripted:?rate=0", "scripted:?rate=50"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = launcher.engine(tmp_path / "engine.log")
    yield made
    made.close()


def load(engine: Engine, path: str | Path) -> Loaded:
    loaded = answer(engine, engine.load(path)).events[-1]
    assert isinstance(loaded, Loaded), loaded
    return loaded


def generate(engine: Engine, length: int | None = 20, seed: int = 7) -> Answer:
    return answer(engine, engine.generate(PAGE, NEUTRAL, length, seed))


def is_sampled(event: Event) -> bool:
    return isinstance(event, Sampled)


def test_it_loads_and_writes_the_same_text_for_the_same_seed(engine: Engine) -> None:
    assert load(engine, FAST).model.architecture == "scripted"
    first, second = generate(engine), generate(engine)
    assert first.ids == second.ids
    assert (len(first.ids), first.ended.reason, second.ended.evaluated) == (20, "length", 0)


def test_without_a_model_it_says_so(engine: Engine) -> None:
    failed = generate(engine).events[-1]
    assert isinstance(failed, Failed)
    assert failed.sentence == "No model is loaded: open one first."


def test_the_child_reads_a_prefix_that_changes_piece_by_piece(engine: Engine) -> None:
    load(engine, FAST)
    first = generate(engine, length=10)
    grown = answer(engine, engine.generate([*PAGE, first.piece], NEUTRAL, 5, 7, first=10))
    assert list(grown.started.prompt) == [*first.started.prompt, *first.ids]
    mixed = [*PAGE, TokenPiece(first.ids[:4]), TextPiece(" and a boat"), TokenPiece(first.ids[4:])]
    longer = answer(engine, engine.score(mixed))
    assert longer.text.endswith(b"".join(r.bytes for span in first.spans for r in span.readings)[-3:].decode())
    assert generate(engine, length=10).ids == first.ids


@pytest.mark.parametrize("rate", ["0", "300"])
def test_killed_at_any_moment_it_says_why_and_the_next_request_works(engine: Engine, rate: str) -> None:
    path = f"scripted:?rate={rate}"
    load(engine, path)
    whole = generate(engine)
    for wait in (0.0, 0.001, 0.02, 0.05):
        job = engine.generate(PAGE, NEUTRAL, None, 7)
        answer(engine, job, enough=lambda event: isinstance(event, Started))
        time.sleep(wait)
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        died = answer(engine, job).events[-1]
        assert isinstance(died, Died)
        assert "killed" in died.sentence
        assert engine.pid is None
        assert generate(engine).ids == whole.ids
    assert not [event for event in engine.events() if isinstance(event, Died)]


def test_killed_while_loading_it_loads_again_for_the_next_request(engine: Engine) -> None:
    job = engine.load("scripted:?load_seconds=0.5")
    answer(engine, job, enough=lambda event: isinstance(event, Loading))
    engine.kill()
    assert isinstance(answer(engine, job).events[-1], Died)
    assert generate(engine).ended.tokens == 20


def test_killed_while_idle_it_says_so_once(engine: Engine) -> None:
    load(engine, FAST)
    engine.kill()
    assert [type(event) for event in engine.wait(20)] == [Died]
    assert engine.wait(0.1) == []


def test_an_abort_inside_the_child_is_quoted(engine: Engine) -> None:
    load(engine, "scripted:?die_after=3")
    died = generate(engine).events[-1]
    assert isinstance(died, Died)
    assert "GGML_ASSERT(scripted) failed" in died.sentence


def test_a_child_that_hangs_can_be_killed(engine: Engine) -> None:
    load(engine, "scripted:?stall_after=3")
    job = engine.generate(PAGE, NEUTRAL, None, 7)
    answer(engine, job, enough=is_sampled)
    engine.stop(job)
    while engine.wait(0.2):
        pass
    engine.kill()
    assert isinstance(answer(engine, job).events[-1], Died)


def test_closing_ends_a_child_that_hangs(tmp_path: Path) -> None:
    engine = launcher.engine(tmp_path / "engine.log")
    load(engine, "scripted:?stall_after=1")
    engine.generate(PAGE, NEUTRAL, None, 7)
    pid = engine.pid
    begun = time.monotonic()
    engine.close()
    engine.close()
    assert time.monotonic() - begun < 5
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_closing_without_ever_asking_starts_nothing(tmp_path: Path) -> None:
    engine = Engine(ChildLauncher(tmp_path / "engine.log", start=lambda log: pytest.fail("started")))
    engine.close()


# ------------------------------------------------------------------------------------------------ stopping


def test_stop_ends_it_within_a_token(engine: Engine) -> None:
    load(engine, SLOW)
    job = engine.generate(PAGE, NEUTRAL, None, 7)
    answer(engine, job, enough=is_sampled)
    begun = time.monotonic()
    engine.stop(job)
    ended = answer(engine, job).ended
    assert ended.reason == "stopped"
    assert time.monotonic() - begun < 0.1 + 1 / 50 + 0.2  # the last for a machine that is busy with other tests


def test_a_hundred_stops_a_second_harm_nothing(engine: Engine) -> None:
    load(engine, SLOW)
    job = engine.generate(PAGE, NEUTRAL, None, 7)
    for _ in range(100):
        engine.stop(job)
        time.sleep(0.005)
    assert answer(engine, job).ended.reason == "stopped"
    assert generate(engine, length=5).ended.reason == "length"


def test_a_stop_for_a_job_that_waits_stops_it_before_it_begins(engine: Engine) -> None:
    load(engine, SLOW)
    first, second = engine.generate(PAGE, NEUTRAL, 5, 7), engine.generate(PAGE, NEUTRAL, None, 7)
    engine.stop(second)
    ended = [event for event in answer(engine, second).events if isinstance(event, Ended)]  # both may come at once
    assert [(event.job, event.reason) for event in ended] == [(first, "length"), (second, "stopped")]


def test_a_load_shows_progress_and_can_be_stopped_and_the_model_before_stays(engine: Engine) -> None:
    load(engine, FAST)
    job = engine.load("scripted:?load_seconds=20")
    answer(engine, job, enough=lambda event: isinstance(event, Loading) and event.fraction > 0)
    engine.stop(job)
    assert answer(engine, job).ended.reason == "stopped"
    assert generate(engine).ended.reason == "length"


def test_a_load_that_fails_says_why_and_the_model_before_stays(engine: Engine) -> None:
    load(engine, FAST)
    for path in ("scripted:?fail=1", "scripted:?nonsense=1", __file__, "/does/not/exist.gguf", "a\0b"):
        assert isinstance(answer(engine, engine.load(path)).events[-1], Failed)
    assert generate(engine).ended.reason == "length"


def test_a_file_that_is_refused_leaves_the_model_on_its_device(engine: Engine) -> None:
    load(engine, "scripted:?layers=20")
    for path in ("scripted:?nonsense=1", __file__, "/does/not/exist.gguf"):
        got = answer(engine, engine.load(path))
        assert [type(event) for event in got.events] == [Failed]
    assert generate(engine).ended.reason == "length"


@pytest.mark.parametrize("former", ["scripted:?layers=20", "scripted:"])
def test_a_load_that_fails_late_says_whether_the_model_before_is_gone(engine: Engine, former: str) -> None:
    load(engine, former)
    got = answer(engine, engine.load("scripted:?fail=1"))
    gone = former != "scripted:"
    assert any(isinstance(event, Unloaded) for event in got.events) == gone
    assert isinstance(generate(engine).events[-1], Failed) == gone


def test_a_load_that_fails_in_another_child_has_lost_the_model_before(engine: Engine) -> None:
    load(engine, FAST)
    got = answer(engine, engine.load("scripted:?layers=20&die_above=0&fail=1"))
    assert isinstance(got.events[-1], Failed)
    assert [type(event) for event in got.events].count(Unloaded) == 2  # with the child, and with the next one


def test_killed_while_loading_another_model_the_one_before_comes_back(engine: Engine) -> None:
    load(engine, FAST)
    job = engine.load("scripted:?load_seconds=20")
    answer(engine, job, enough=lambda event: isinstance(event, Loading))
    engine.kill()
    assert isinstance(answer(engine, job).events[-1], Died)
    got = generate(engine)
    assert got.ended.reason == "length"
    assert [event.model.path for event in got.events if isinstance(event, Loaded)] == [FAST]


# ------------------------------------------------------------------------------------------------ the pipe


def test_huge_prefixes_never_make_the_caller_wait(engine: Engine) -> None:
    load(engine, FAST)
    generate(engine)
    times: list[float] = []
    jobs: list[int] = []
    for number in range(5):
        text = f"{number} " + "a boat and a lamp " * 60_000  # 1 MB
        begun = time.perf_counter()
        jobs.append(engine.generate([TextPiece(text)], NEUTRAL, 1, 7))
        times.append(time.perf_counter() - begun)
    for job in jobs:
        engine.stop(job)
    for job in jobs[1:]:
        assert answer(engine, job).ended.reason == "stopped"
    assert max(times) < 0.05


def test_long_prompts_report_progress(engine: Engine) -> None:
    load(engine, "scripted:?rate=1000")
    answered = answer(engine, engine.generate([TextPiece("a boat " * 300)], NEUTRAL, 1, 7))
    assert len([event for event in answered.events if isinstance(event, Evaluated)]) > 3


def test_stop_in_a_long_prompt_ends_it_soon(engine: Engine) -> None:
    load(engine, "scripted:?rate=100")
    job = engine.generate([TextPiece("a boat " * 1000)], NEUTRAL, 1, 7)
    answer(engine, job, enough=lambda event: isinstance(event, Evaluated))
    engine.stop(job)
    assert answer(engine, job).ended.tokens == 0


# ------------------------------------------------------------------------------------------------ parents and signals


def test_an_interrupt_is_the_parents_affair(engine: Engine) -> None:
    load(engine, FAST)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGINT)
    assert generate(engine).ended.reason == "length"


PARENT = """
import sys, time
from pathlib import Path
from models.engine.events import Loaded
from models.engine.prefix import TextPiece
from models.launch import launcher
from models.sampling.knobs import NEUTRAL
if __name__ == "__main__":
    engine = launcher.engine(Path(sys.argv[1]))
    engine.load("scripted:?rate=50")
    while not any(isinstance(event, Loaded) for event in engine.wait()):
        pass
    if sys.argv[2] == "busy":
        engine.generate([TextPiece("The old")], NEUTRAL, None, 7)
    print(engine.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("state", ["busy", "idle"])
def test_when_the_parent_is_killed_the_child_goes(tmp_path: Path, state: str) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    arguments = [sys.executable, str(script), str(tmp_path / "log"), state]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
    child.wait(timeout=10) if child.is_running() else None
    assert not child.is_running()


def test_the_child_imports_no_qt(tmp_path: Path) -> None:
    code = "import sys, models.worker.worker; sys.exit('PySide6' in sys.modules or 'llama_cpp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ------------------------------------------------------------------------------------------------ real models


def test_a_real_model_in_a_real_child(engine: Engine, tiny_model: Path) -> None:
    loaded = load(engine, tiny_model)
    assert loaded.model.path == str(tiny_model)
    first = generate(engine)
    assert generate(engine).ids == first.ids
    engine.kill()
    assert isinstance(answer(engine, -1).events[-1], Died)
    assert generate(engine).ids == first.ids  # another process, the same shapes


def test_a_model_that_vanishes_while_it_is_open_is_a_sentence_not_an_end(
    engine: Engine, tiny_llama: Path, tmp_path: Path
) -> None:
    path = tmp_path / "gone.gguf"
    path.write_bytes(tiny_llama.read_bytes())
    load(engine, path)
    path.unlink()
    assert isinstance(generate(engine).events[-1], Ended)  # its bytes are still there
    engine.kill()
    answer(engine, -1)
    job = engine.generate(PAGE, NEUTRAL, 5, 7)
    got = answer(engine, job).events
    assert [type(event) for event in got if isinstance(event, Failed)] == [Failed, Failed]  # the load, then the request


@pytest.mark.parametrize("place", [4, 8, 16, 40, 80])
def test_flipped_bytes_in_the_head_are_a_sentence(engine: Engine, tiny_llama: Path, tmp_path: Path, place: int) -> None:
    data = bytearray(tiny_llama.read_bytes())
    data[place] ^= 0xFF
    path = tmp_path / "flipped.gguf"
    path.write_bytes(data)
    last = answer(engine, engine.load(path)).events[-1]
    assert isinstance(last, Failed | Died | Loaded)
    if not isinstance(last, Loaded):
        assert last.sentence.endswith(".")
    assert isinstance(answer(engine, engine.load(tiny_llama)).events[-1], Loaded)


def test_a_context_asked_too_large_is_a_sentence(engine: Engine, tiny_llama: Path) -> None:
    failed = answer(engine, engine.load(tiny_llama, LoadOptions(context=10**6))).events[-1]
    assert isinstance(failed, Failed)
    assert "at most 512 tokens" in failed.sentence


@pytest.mark.starter
def test_the_starter_stops_in_a_hundred_milliseconds_and_a_token(engine: Engine, starter: Path) -> None:
    load(engine, starter)
    job = engine.generate([TextPiece("It was a dark and stormy night")], Sampling(ignore_eos=True), None, 7)
    answer(engine, job, enough=is_sampled)
    begun = time.monotonic()
    engine.stop(job)
    assert answer(engine, job).ended.reason == "stopped"
    assert time.monotonic() - begun < 0.1 + 0.4  # a token takes that long where other tests take the processor


def test_start_is_given_the_log(tmp_path: Path) -> None:
    running = start_child(tmp_path / "given.log")
    running.pipe.close()
    running.join(20)
    assert running.exit_code == 0
    assert (tmp_path / "given.log").exists()


def test_a_child_that_writes_faster_than_anybody_reads_waits_and_stops_at_once(engine: Engine) -> None:
    load(engine, FAST)
    endless = Sampling(ignore_eos=True)
    job = engine.generate(PAGE, endless, None, 7)
    answer(engine, job, enough=is_sampled)
    held = [0, -1]
    while held[-1] != held[-2]:  # until it waits
        time.sleep(0.3)
        held.append(len(engine._events))
    assert held[-1] <= _MAX_EVENTS
    engine.stop(job)
    rest = answer(engine, job)
    assert rest.ended.reason == "stopped"
    whole = answer(engine, engine.generate(PAGE, endless, rest.ended.tokens, 7))
    assert whole.ids[-len(rest.ids) :] == rest.ids  # nothing that was drawn is lost


def test_closing_ends_a_child_that_waits(tmp_path: Path) -> None:
    engine = launcher.engine(tmp_path / "engine.log")
    load(engine, FAST)
    engine.generate(PAGE, NEUTRAL, None, 7)
    while len(engine._events) < _MAX_EVENTS:
        time.sleep(0.05)
    engine.close()
    assert engine.pid is None


def test_events_may_be_fetched_a_few_at_a_time(engine: Engine) -> None:
    load(engine, FAST)
    engine.generate(PAGE, NEUTRAL, 5, 7)
    while len(engine._events) < 7:
        time.sleep(0.02)
    first, rest = engine.events(2), engine.events()
    assert isinstance(first[0], Started) and len(first) == 2 and isinstance(rest[-1], Ended)


class Slow(ChildLauncher):
    """Its check of a file lasts until it is let go."""

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        self.checks = threading.Event()
        self.let_go = threading.Event()

    def check(self, load: Load, wanted: Callable[[], bool]) -> Load:
        if load.model.script != "rate=0":
            return load
        self.checks.set()
        while not self.let_go.wait(0.01):
            if not wanted():
                raise Stopped
        return load


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Engine, Slow]]:
    launcher_ = Slow(tmp_path / "engine.log")
    made = Engine(launcher_)
    yield made, launcher_
    made.close()


def test_a_stop_goes_through_while_a_file_is_checked(slow: tuple[Engine, Slow]) -> None:
    engine, launcher_ = slow
    answer(engine, engine.load("scripted:?rate=50"))
    endless = engine.generate([TextPiece("The old")], NEUTRAL, None, 7)
    answer(engine, endless, enough=lambda event: isinstance(event, Sampled))
    engine.load("scripted:?rate=0")
    assert launcher_.checks.wait(10)
    engine.stop(endless)
    last = answer(engine, endless).events[-1]
    assert isinstance(last, Ended) and last.reason == "stopped"
    launcher_.let_go.set()


def test_requests_after_a_load_are_answered_by_its_model(slow: tuple[Engine, Slow]) -> None:
    engine, launcher_ = slow
    answer(engine, engine.load("scripted:?rate=50"))
    load = engine.load("scripted:?rate=0")
    wanted = engine.generate([TextPiece("The old")], NEUTRAL, 3, 7)
    unwanted = engine.generate([TextPiece("The old")], NEUTRAL, None, 7)
    assert launcher_.checks.wait(10)
    engine.stop(unwanted)
    launcher_.let_go.set()
    got = answer(engine, unwanted).events
    ends = [event for event in got if isinstance(event, Loaded | Ended)]
    assert [(type(event), event.job) for event in ends] == [(Loaded, load), (Ended, wanted), (Ended, unwanted)]


def test_a_load_is_stopped_while_its_file_is_checked(slow: tuple[Engine, Slow]) -> None:
    engine, launcher_ = slow
    answer(engine, engine.load("scripted:?rate=50"))
    load = engine.load("scripted:?rate=0")
    then = engine.generate([TextPiece("The old")], NEUTRAL, 3, 7)
    assert launcher_.checks.wait(10)
    engine.stop(load)
    got = answer(engine, then).events
    ends = [(event.job, event.reason) for event in got if isinstance(event, Ended)]
    assert ends == [(load, "stopped"), (then, "length")]


def test_a_distribution_and_a_vocabulary_go_through_the_pipe(engine: Engine, tiny_model: Path) -> None:
    assert isinstance(answer(engine, engine.vocabulary()).events[-1], Failed)  # no model yet
    facts = load(engine, tiny_model).model
    named = next(e for e in answer(engine, engine.vocabulary()).events if isinstance(e, VocabularyRead))
    told = answer(engine, engine.read_bias(("id:9=1", "=", "id:999999=2"))).events
    meant = next(event for event in told if isinstance(event, BiasRead))
    assert meant.tokens[0] == BiasToken(9, named.text(9))
    assert [token.id for token in meant.tokens[1:]] == [-1, -1] and all(token.sentence for token in meant.tokens[1:])
    asked = answer(engine, engine.distribution(PAGE, NEUTRAL, [" house"], texts=facts.vocabulary))
    found = next(event for event in asked.events if isinstance(event, Distributed))
    assert asked.ended.reason == "done" and len(found.ids) == facts.vocabulary == len(named.ends)
    assert [named.text(token) for token in found.ids] == list(found.texts)
    assert b"".join(found.strings[0].texts) == b" house"


# ------------------------------------------------------------------------------------------------ several streams


def test_streams_come_through_the_pipe_and_one_can_be_stopped(engine: Engine) -> None:
    load(engine, "scripted:?rate=100")
    job = engine.generate_streams(PAGE, Sampling(ignore_eos=True), 30, [Draws(7, take) for take in range(4)])
    begun = answer(engine, job, lambda event: isinstance(event, Sampled) and event.stream == 2)
    engine.stop(job, 2)
    got = Answer(begun.events + answer(engine, job).events)
    ends = {event.stream: event for event in got.events if isinstance(event, Ended)}
    assert ends[2].reason == "stopped" and ends[2].tokens < 30
    assert [ends[number].reason for number in (0, 1, 3)] == ["length"] * 3
    assert generate(engine).ended.reason == "length"  # a stream of another job is not stopped with it


def test_a_hundred_stops_a_second_end_all_streams_once(engine: Engine) -> None:
    load(engine, "scripted:?rate=100")
    job = engine.generate_streams(PAGE, Sampling(ignore_eos=True), None, [Draws(7, take) for take in range(16)])
    answer(engine, job, lambda event: isinstance(event, Sampled))
    for _ in range(100):
        engine.stop(job)
        time.sleep(0.01)
    ends = [event for event in answer(engine, job).events if isinstance(event, Ended)]
    assert sorted(event.stream for event in ends) == list(range(16))
    assert {event.reason for event in ends} == {"stopped"}
    assert generate(engine).ended.reason == "length"


@pytest.mark.parametrize(("streams", "after"), [(16, 8), (5, 4), (20, 8), (1, 16)])
def test_a_child_that_dies_of_many_streams_holds_fewer_the_next_time(engine: Engine, streams: int, after: int) -> None:
    load(engine, "scripted:?die_after=3")
    job = engine.generate_streams(PAGE, NEUTRAL, 20, [Draws(7, take) for take in range(streams)])
    assert isinstance(answer(engine, job).events[-1], Died)
    assert loaded_again(engine).model.streams == after


def test_a_child_that_is_killed_by_the_user_holds_as_many(engine: Engine) -> None:
    load(engine, "scripted:?rate=100")
    job = engine.generate_streams(PAGE, NEUTRAL, None, [Draws(7, take) for take in range(16)])
    answer(engine, job, lambda event: isinstance(event, Sampled))
    engine.kill()
    assert isinstance(answer(engine, job).events[-1], Died)
    assert loaded_again(engine).model.streams == 16


def loaded_again(engine: Engine) -> Loaded:
    """The load that the next request after a death brings."""
    job = engine.generate(PAGE, NEUTRAL, 1, 7)
    return next(event for event in answer(engine, job).events if isinstance(event, Loaded))
