"""Processes that die or hang while they load a backend."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from models.engine.requests import Load
from models.launch import engine_process, runners
from models.launch.child_process import ChildProcess
from models.llamacpp import crash_markers, ggml_backends
from models.worker.runner import PreparedRunner


def start_child(log: Path) -> ChildProcess:
    """Like launcher.start_child, with a child that dies of a graphics backend it is to use."""
    return ChildProcess(main, str(log), name="dies of a backend", log=log)


def main(pipe: Connection[bytes, bytes], log: str) -> None:
    prepare = runners.prepare

    def dies(request: Load) -> PreparedRunner:
        used = {status.file for status in request.backends or ()}
        for one in ggml_backends.found():
            if one.family != ggml_backends.CPU and one.path.name in used:
                with crash_markers.mark(one.path.name, crash_markers.folder()):
                    os.kill(os.getpid(), signal.SIGABRT)
        return prepare(request)

    runners.prepare = dies
    engine_process.main(pipe, log)


def end_while_loading(_pipe: object, file: str, number: int) -> None:
    """End by that signal while a backend loads."""
    (one,) = (one for one in ggml_backends.found() if one.path.name == file)
    with crash_markers.mark(one.path.name, crash_markers.folder()):
        os.kill(os.getpid(), number)


def stand_still(folder: str) -> None:
    with crash_markers.mark("libggml-vulkan.so", Path(folder), patience=0.5):
        time.sleep(60)


def is_busy(folder: str) -> None:
    """Longer than its patience, at work all the time."""
    with crash_markers.mark("libggml-vulkan.so", Path(folder), patience=0.2):
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            sum(range(1_000))
