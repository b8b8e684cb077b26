"""Fixtures that need no Qt: folders of the tests' own, and a check for threads and processes left behind."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from models.library.app_dirs import OVERRIDE

GRACE = 5.0  # seconds that a child, a thread or a timer may take to end after its test


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Data, settings, caches and logs of the tests lie in a temporary folder, for child processes too."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OVERRIDE, str(home))
        patch.setenv("HF_HOME", str(home / "huggingface"))
        for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
            patch.delenv(name, raising=False)
        yield home


class _Family:
    """The processes that this one started, and theirs. Asks the system only about processes that are new: a suite looks
    thousands of times, and each process of the machine would cost a tenth of a millisecond each time."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}  # of the processes that were there at the last look

    def running(self) -> set[psutil.Process]:
        """Those that run (the resource tracker lives on by design)."""
        self._parents = {pid: self._parents.get(pid) or _parent(pid) for pid in psutil.pids()}
        found = {os.getpid()}
        while more := {pid for pid, parent in self._parents.items() if parent in found} - found:
            found |= more
        return {child for pid in found - {os.getpid()} if (child := _process(pid)) and not _is_tracker(child)}


def _parent(pid: int) -> int:
    process = _process(pid)
    try:
        return process.ppid() if process else 0
    except psutil.Error:
        return 0


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _is_tracker(process: psutil.Process) -> bool:
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.Error:
        return False


_family = _Family()


@pytest.fixture(autouse=True)
def nothing_left_behind(own_home: Path) -> Iterator[None]:
    """A test fails when a thread or a process that was started in it outlives it."""
    threads, children = set(threading.enumerate()), _family.running()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(GRACE)
    left = [thread.name for thread in set(threading.enumerate()) - threads]
    _, alive = psutil.wait_procs(list(_family.running() - children), timeout=GRACE)
    left += [f"process {process.pid}" for process in alive]
    for process in alive:
        process.kill()
    assert not left, f"left behind: {', '.join(left)}"
