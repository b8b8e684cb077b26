"""What processes run that are to die, or to hang, while they load a backend."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from models.engine import backends, birth, child, plugins, stepping, suspects
from models.engine.engine import Running
from models.engine.messages import Load


def start_child(log: Path) -> Running:
    """Like engine.start_child, with a child that dies of a graphics backend it is to use."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=main, args=(theirs, str(log)), daemon=True)
    process.start()
    theirs.close()
    return Running(process, cast("Connection[bytes, bytes]", ours))


def main(pipe: Connection[bytes, bytes], log: str) -> None:
    prepare = child.prepare

    def dies(request: Load) -> stepping.Opening:
        used = {verdict.file for verdict in request.backends or ()}
        for one in plugins.found():
            if one.family != plugins.CPU and one.path.name in used:
                with backends.loading(one):
                    os.kill(os.getpid(), signal.SIGABRT)
        return prepare(request)

    child.prepare = dies
    birth.main(pipe, log)


def end_while_loading(file: str, number: int) -> None:
    """By that signal."""
    (one,) = (one for one in plugins.found() if one.path.name == file)
    with backends.loading(one):
        os.kill(os.getpid(), number)


def stand_still(folder: str) -> None:
    with suspects.suspected("libggml-vulkan.so", Path(folder), patience=0.5):
        time.sleep(60)


def is_busy(folder: str) -> None:
    """Longer than its patience, at work all the time."""
    with suspects.suspected("libggml-vulkan.so", Path(folder), patience=0.2):
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            sum(range(1_000))
