"""Threads sleep soon while other programs want the cores, and spin again behind it."""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from models.library.load_options import LoadOptions
from models.llamacpp import core_contention, openmp
from models.llamacpp.core_contention import CROWDED, FREE, INTERVAL, ContentionWatch
from tests.models.asking import opened

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells who waits for a core")
STATUS = Path("/proc/self/task")


@dataclass
class Machine:
    """now: its clock. waits: seconds that each thread has waited. asleep: how often they were let sleep, and woken."""

    now: float = 100.0
    waits: dict[str, float] = field(default_factory=lambda: {"11": 7.0, "12": 0.0})
    changes: list[bool] = field(default_factory=list[bool])

    @contextlib.contextmanager
    def sleep_soon(self) -> Generator[None]:
        self.changes.append(True)
        yield
        self.changes.append(False)

    def watch(self) -> ContentionWatch:
        return ContentionWatch(lambda: dict(self.waits), self.sleep_soon, lambda: self.now)

    def work(self, watch: ContentionWatch, seconds: float, share: float) -> None:
        """Evaluations of 20 ms; `share` of the time some thread waits for a core."""
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            self.waits["11"] += 0.02 * share
            watch.look()


def test_threads_sleep_soon_only_while_they_have_to_wait_for_cores() -> None:
    machine = Machine()
    watch = machine.watch()
    machine.work(watch, 5, CROWDED - 0.05)
    assert not watch.crowded and not machine.changes
    machine.work(watch, 2 * INTERVAL, 0.8)
    assert watch.crowded and machine.changes == [True]
    machine.work(watch, 5, FREE + 0.02)
    assert machine.changes == [True]
    machine.work(watch, 2 * INTERVAL, 0.0)
    assert not watch.crowded and machine.changes == [True, False]
    machine.work(watch, 2 * INTERVAL, 0.9)
    assert machine.changes == [True, False, True]


def test_what_was_waited_before_a_rest_does_not_count() -> None:
    machine = Machine()
    watch = machine.watch()
    machine.work(watch, 2, 0.8)
    machine.now += 3600
    watch.look()
    assert not watch.crowded and machine.changes == [True, False]


def test_what_the_system_refuses_fails_no_evaluation() -> None:
    machine = Machine()

    def refuse() -> Any:
        raise RuntimeError("can't start new thread")

    watch = ContentionWatch(lambda: dict(machine.waits), refuse, lambda: machine.now)
    machine.work(watch, 5, 0.9)
    assert not watch.crowded
    watch.rest()


def test_no_thread_is_left_behind_a_model() -> None:
    machine = Machine()
    watch = machine.watch()
    machine.work(watch, 2, 0.8)
    watch.rest()
    watch.rest()
    assert not watch.crowded and machine.changes == [True, False]


@linux
def test_the_system_tells_how_long_threads_wait(tmp_path: Path) -> None:
    for thread, line in (("11", "5 2000000000 1\n"), ("12", "9 500000000 3\n")):
        (tmp_path / thread).mkdir()
        (tmp_path / thread / "schedstat").write_text(line)
    (tmp_path / "13").mkdir()  # a thread that ends between the two looks
    assert core_contention.waited(tmp_path) == {"11": 2.0, "12": 0.5}
    assert max(core_contention.waited().values()) > 0


@linux
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="with one core, threads never spin")
def test_llama_cpp_s_threads_sleep_sooner(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two evaluations they sleep nearly always, instead of nearly never; and they spin again behind it."""
    library = openmp.gnu_library()
    gnu = core_contention.loaded(library) if library else None
    if gnu is None:
        pytest.skip("llama.cpp does not use GNU's OpenMP here")
    monkeypatch.setattr(core_contention, "CROWDED", math.inf)  # other programs change nothing
    counts = list[int]()
    with opened(tiny_llama, LoadOptions(context=512, threads=2)) as model:
        model.evaluate([1])
        for block in (contextlib.nullcontext(), core_contention.SleepSoon(gnu), contextlib.nullcontext()):
            with block:
                before = sleeps()
                for _ in range(200):
                    model.evaluate([1])
                counts.append(sleeps() - before)
            model.truncate(1)
    assert counts[1] > 3 * max(counts[0], counts[2]), counts
    assert core_contention.watch() is not None


def sleeps() -> int:
    """How often the process's threads have given up their core by themselves."""
    total = 0
    for thread in STATUS.iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            lines = dict(line.split(":", 1) for line in (thread / "status").read_text().splitlines())
            total += int(lines["voluntary_ctxt_switches"])
    return total
