"""Chooses the runner of a model that is to be loaded. Another kind of runner is one more line in `prepare`.

Runs in the engine's child process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.engine.events import Trying
from models.engine.requests import Load
from models.launch import offload_fallback
from models.llamacpp import trusted_backends
from models.worker.evaluation_thread import ThreadWorker
from models.worker.language_model import PreparedModel, Progress
from models.worker.loop import Loop
from models.worker.runner import PreparedRunner


@dataclass(frozen=True, slots=True)
class PreparedLoop:
    """A model that gives logits."""

    model: PreparedModel

    def open(self, request: Load, emit: Callable[[Trying], None], progress: Progress) -> Loop:
        model = offload_fallback.load(self.model, request, emit, progress)
        return Loop(model, ThreadWorker(), time.monotonic)


def prepare(request: Load) -> PreparedRunner:
    """Check the model of a load and plan its layers. Raises ModelError."""
    return PreparedLoop(_scripted(request) if request.model.is_scripted else _llamacpp(request))


def _scripted(request: Load) -> PreparedModel:
    from models.scripted import model

    return model.PreparedModel.named(request.model.text, request.options, request.streams)


def _llamacpp(request: Load) -> PreparedModel:
    trusted_backends.trust(request.backends)
    # Imported only for a GGUF: the scripted model runs without llama.cpp.
    from models.llamacpp import binding, model

    binding.log_to_stderr()
    return model.prepare(Path(request.model.text), request.options, request.streams, request.mapped)
