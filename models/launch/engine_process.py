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
from pathlib import Path
from typing import TYPE_CHECKING

from models.engine.events import Event
from models.engine.requests import Load
from models.launch.child_process import redirect
from models.llamacpp import trusted_backends

if TYPE_CHECKING:
    from models.worker.language_model import PreparedModel
    from models.worker.worker import Worker

_SWITCH = 0.0005  # seconds until the evaluating thread gets Python's lock back from the one computing a reading


def main(pipe: Connection[bytes, bytes], log: str) -> None:
    """The process's entry point. log: path of the file for stdout and stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal goes to the whole group; the parent decides
    redirect(log)
    sys.setswitchinterval(_SWITCH)
    from models.launch import offload_fallback
    from models.worker.worker import Worker

    def emit(event: Event) -> None:
        pipe.send_bytes(pickle.dumps(event, pickle.HIGHEST_PROTOCOL))

    worker = Worker(emit, prepare, offload_fallback.load)
    threading.Thread(target=_listen, args=(pipe, worker), name="pipe", daemon=True).start()
    try:
        worker.run()
    except (BrokenPipeError, ConnectionError):
        os._exit(0)  # the parent is gone


def _listen(pipe: Connection[bytes, bytes], worker: Worker) -> None:
    """Read requests until the parent sends None or is gone; then end the process at once."""
    try:
        while (request := pickle.loads(pipe.recv_bytes())) is not None:
            worker.receive(request)
    except (EOFError, OSError):
        pass
    os._exit(0)


def prepare(request: Load) -> PreparedModel:
    """Check the model of a load and plan its layers. Raises ModelError."""
    if request.model.is_scripted:
        from models.scripted import model as scripted

        return scripted.PreparedModel.named(request.model.text, request.options, request.streams)
    trusted_backends.trust(request.backends)
    # Imported only for a GGUF: the scripted model runs without llama.cpp.
    from models.llamacpp import binding, model

    binding.log_to_stderr()
    return model.prepare(Path(request.model.text), request.options, request.streams)
