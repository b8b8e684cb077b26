"""Loads a model into the calling process, for measurements and tests; llama.cpp may abort the process.

Everything else uses an engine in a child process (launcher.py).
"""

from pathlib import Path
from typing import cast

from models.engine.requests import Load
from models.launch import offload_fallback
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.llamacpp import model
from models.llamacpp.model import LlamaModel
from models.worker.language_model import Progress


def open_model(path: Path, options: LoadOptions, progress: Progress) -> LlamaModel:
    """Load a model, with fewer layers on the devices if more fail. Raises ModelError, or Stopped by progress."""
    load = Load(0, ModelRef.of(path), options)
    opened = offload_fallback.load(model.prepare(path, options), load, lambda _trying: None, progress)
    return cast("LlamaModel", opened)
