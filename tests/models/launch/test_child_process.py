"""One child is one process."""

from __future__ import annotations

import subprocess
import sys
import time
from multiprocessing import spawn

import psutil
import pytest

from models.launch.child_process import SAFE, spawning


def children() -> str:
    """What a process of its own that has started a child sees: how many there are."""
    process = spawning().Process(target=time.sleep, args=(60,), daemon=True)
    process.start()
    count = len(psutil.Process().children())
    process.kill()
    process.join()
    return str(count)


@pytest.mark.skipif(sys.platform == "win32", reason="no second one is started there")
def test_no_second_python_is_started_beside_the_first_child() -> None:
    code = "from tests.models.launch.test_child_process import children\nif __name__ == '__main__': print(children())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"] and not done.stderr


def test_no_process_asks_the_working_folder_or_the_users_variables_what_to_import() -> None:
    assert spawn.get_command_line(pipe_handle=5)[: 1 + len(SAFE)] == [spawn.get_executable(), *SAFE]
