"""A model loaded into this very process, for measurements and tests: llama.cpp may take the process along.

Everything else asks an engine (launcher.py).
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
    """Load it, with fewer layers on the devices where more fail without dying. Raises ModelError or Stopped."""
    load = Load(0, ModelRef.of(path), options)
    opened = offload_fallback.load(model.prepare(path, options), load, lambda _trying: None, progress)
    return cast("LlamaModel", opened)
