"""The engine's child process: a worker at the child's end of the pipe. llama.cpp may abort here without ending the
program.

A thread reads the pipe all the time: it passes on Stop, and ends the process when the parent is gone. The window
imports this module to start the process, so the child's own imports are inside the functions.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from models.launch.child_process import redirect

if TYPE_CHECKING:
    from models.worker.worker import Worker

_SWITCH = 0.0005  # seconds until the evaluating thread gets Python's lock back from the one that sends


def main(pipe: Connection[bytes, bytes], log: str) -> None:
    """The process's entry point. log: path of the file for stdout and stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal goes to the whole group; the parent decides
    redirect(log)
    sys.setswitchinterval(_SWITCH)
    from models.launch import runners
    from models.launch.outbox import Outbox
    from models.library.machine import frame
    from models.worker.worker import Worker

    outbox = Outbox(pipe.send_bytes, frame() / 1_000, lambda: os._exit(0))
    worker = Worker(outbox.put, outbox.flush, runners.prepare)
    threading.Thread(target=_listen, args=(pipe, worker), name="pipe", daemon=True).start()
    try:
        worker.run()
    except (BrokenPipeError, ConnectionError):
        os._exit(0)  # the parent is gone
    finally:
        outbox.close()  # where a mistake ends the process, the tokens before it arrive


def _listen(pipe: Connection[bytes, bytes], worker: Worker) -> None:
    """Read requests until the parent sends None or is gone; then end the process at once."""
    try:
        while (request := pickle.loads(pipe.recv_bytes())) is not None:
            worker.receive(request)
    except (EOFError, OSError):
        pass
    os._exit(0)
