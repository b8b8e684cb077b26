"""What runs in the engine's child process: a worker at one end of the pipe. llama.cpp may die here without taking the
page along.

A thread reads the pipe all the time: it says Stop to whatever runs, and ends the process when the parent is gone. The
window imports this to start the process: it opens without all that the process needs.
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

_SWITCH = 0.0005  # seconds until a thread that evaluated gets Python's lock back from one that works out a reading


def main(pipe: Connection[bytes, bytes], log: str) -> None:
    """What the process runs. log: the file that gets stdout and stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal goes to the whole group; the parent decides
    redirect(log)
    sys.setswitchinterval(_SWITCH)
    from models.launch import offload_fallback
    from models.worker.worker import Worker

    def tell(event: Event) -> None:
        pipe.send_bytes(pickle.dumps(event, pickle.HIGHEST_PROTOCOL))

    worker = Worker(tell, prepare, offload_fallback.load)
    threading.Thread(target=_listen, args=(pipe, worker), name="pipe", daemon=True).start()
    try:
        worker.run()
    except (BrokenPipeError, ConnectionError):
        os._exit(0)  # nobody is there to tell


def _listen(pipe: Connection[bytes, bytes], worker: Worker) -> None:
    """Read requests until the parent says goodbye (None) or is gone; then end at once, whatever runs."""
    try:
        while (request := pickle.loads(pipe.recv_bytes())) is not None:
            worker.take(request)
    except (EOFError, OSError):
        pass
    os._exit(0)


def prepare(request: Load) -> PreparedModel:
    """What a path names, about to be loaded. Raises ModelError."""
    if request.model.is_scripted:
        from models.scripted import model as scripted

        return scripted.PreparedModel.named(request.model.text, request.options)
    trusted_backends.trust(request.backends)
    # Only here: without a GGUF nothing of llama.cpp is loaded, and the scripted model runs where it is not installed.
    from models.llamacpp import binding, model

    binding.log_to_stderr()
    return model.prepare(Path(request.model.text), request.options)
