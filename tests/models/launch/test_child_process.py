"""A child is one process, and its end is always reported."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from multiprocessing import spawn
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import pytest

from models.launch.child_process import SAFE, ChildProcess, redirect
from models.launch.watchdog import CalledOff


def children() -> str:
    """How many children a process has after it started one."""
    process = ChildProcess(sleep, 60, name="sleeper")
    count = len(psutil.Process().children())
    process.end()
    return str(count)


def sleep(_pipe: object, seconds: float) -> None:
    time.sleep(seconds)


def exits(pipe: Connection[Any, Any], code: int, log: str) -> None:
    redirect(log)
    os.write(1, b"GGML_ASSERT(x) failed\n")
    pipe.send(code)
    os._exit(code)


def is_wanted() -> bool:
    return True


@pytest.mark.parametrize("code", [0, 3])
def test_an_end_and_its_last_words(code: int, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = ChildProcess(exits, code, str(log), name="exits", log=log)
    outcome = process.wait(is_wanted, 30)
    assert (outcome.exit_code, outcome.hung, outcome.was_killed) == (code, False, False)
    assert outcome.last_words == "GGML_ASSERT(x) failed"
    assert process.pipe.recv() == code
    assert process.end() == process.end() == outcome


def test_one_that_does_nothing_hangs_and_is_ended() -> None:
    process = ChildProcess(sleep, 60, name="sleeper")
    assert process.wait(is_wanted, 0.5).hung
    assert process.exit_code is None
    assert process.end().was_killed


def test_an_abandoned_process_is_not_waited_for() -> None:
    process = ChildProcess(sleep, 60, name="sleeper")
    with pytest.raises(CalledOff):
        process.wait(lambda: False, 30)
    process.kill()
    process.join()
    process.kill()
    assert process.outcome.was_killed
    process.end()


def test_one_may_end_by_itself_before_it_is_killed(tmp_path: Path) -> None:
    assert ChildProcess(exits, 0, str(tmp_path / "log"), name="exits").end(patience=30).exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no second one is started there")
def test_no_second_python_is_started_beside_the_first_child() -> None:
    code = "from tests.models.launch.test_child_process import children\nif __name__ == '__main__': print(children())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"] and not done.stderr


def test_no_process_asks_the_working_folder_or_the_users_variables_what_to_import() -> None:
    assert spawn.get_command_line(pipe_handle=5)[: 1 + len(SAFE)] == [spawn.get_executable(), *SAFE]
