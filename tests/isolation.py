"""Fixtures that need no Qt: folders of the tests' own, and a check for threads and processes left behind."""

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


def _children() -> set[psutil.Process]:
    """Processes that this one started and that still run (the resource tracker lives on by design)."""
    return {child for child in psutil.Process().children(recursive=True) if not _is_tracker(child)}


def _is_tracker(process: psutil.Process) -> bool:
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.Error:
        return False


@pytest.fixture(autouse=True)
def nothing_left_behind(own_home: Path) -> Iterator[None]:
    """A test fails when a thread or a process that was started in it outlives it."""
    threads, children = set(threading.enumerate()), _children()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(GRACE)
    left = [thread.name for thread in set(threading.enumerate()) - threads]
    _, alive = psutil.wait_procs(list(_children() - children), timeout=GRACE)
    left += [f"process {process.pid}" for process in alive]
    for process in alive:
        process.kill()
    assert not left, f"left behind: {', '.join(left)}"
