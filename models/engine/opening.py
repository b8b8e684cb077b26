"""Opening a model and its context with llama.cpp: which layers go to a device, how large the context, how many threads.

Gives llama.cpp's pointers as integers; whoever asked frees them. Knows nothing of what is evaluated with them.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from models.engine.backend import ModelError, Stopped
from models.engine.binding import lib
from models.engine.devices import Device, devices, physical_cores
from models.engine.messages import LoadOptions, ModelFacts
from models.library.fingerprint import fingerprint
from models.library.header import Header, HeaderError, read_header
from models.library.kind import kind

DEFAULT_CONTEXT = 8_192
CPU_CHUNK = 64  # tokens in one evaluation (n_ubatch): see docs/engine.md for what was measured
GPU_CHUNK = 512
ALL_LAYERS = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How a context is opened: tokens it holds, tokens of one evaluation, threads to write and to read with."""

    context: int
    chunk: int
    threads: int
    reading_threads: int


def check(path: Path) -> Header:
    """The file's header, read by our own code before llama.cpp sees it. Raises ModelError with one sentence."""
    try:
        return read_header(path)
    except HeaderError as error:
        raise ModelError(str(error)) from error


def open_model(path: Path, options: LoadOptions, progress: Callable[[float], bool]) -> tuple[int, int]:
    """llama.cpp's model and how many of its layers lie on a graphics device. Raises ModelError, or Stopped by
    progress.
    """
    chosen = _chosen(options.device)
    for layers in _attempts(options, chosen):
        model = _try(path, layers, chosen, progress)
        if model:
            return model, min(layers, int(lib.llama_model_n_layer(model)) + 1)
    raise ModelError(f"“{path.name}” could not be loaded: llama.cpp does not understand it or memory ran out.")


def _chosen(name: str) -> tuple[Device, ...]:
    """The graphics devices to use: all of them, or the one named; "cpu" names none."""
    graphics = tuple(device for device in devices() if device.graphics)
    if not name:
        return graphics
    if name.lower() == "cpu":
        return ()
    named = tuple(device for device in graphics if device.name.lower() == name.lower())
    if not named:
        known = ", ".join(["cpu", *(device.name for device in graphics)])
        raise ModelError(f"There is no device called “{name}” (there is: {known}).")
    return named


def _attempts(options: LoadOptions, chosen: tuple[Device, ...]) -> list[int]:
    """Numbers of layers to try on the devices, most first. Asked for a number, only that one."""
    if not chosen or options.gpu_layers == 0:
        return [0]
    if options.gpu_layers > 0:
        return [options.gpu_layers]
    return [ALL_LAYERS, 48, 32, 24, 16, 8, 0]


def _try(path: Path, layers: int, chosen: tuple[Device, ...], progress: Callable[[float], bool]) -> int:
    """llama.cpp's model, 0 where it could not be loaded so."""
    given_up = False

    @lib.llama_progress_callback
    def report(fraction: float, _data: object) -> bool:
        nonlocal given_up
        given_up = given_up or not progress(fraction)
        return not given_up

    handles = (ctypes.c_void_p * (len(chosen) + 1))(*[device.handle for device in chosen], None)
    params: Any = lib.llama_model_default_params()
    params.n_gpu_layers = layers
    params.devices = ctypes.cast(handles, ctypes.c_void_p)
    params.progress_callback = report
    model = lib.llama_model_load_from_file(os.fsencode(path), params)
    if given_up:
        if model:
            lib.llama_model_free(model)
        raise Stopped
    return model or 0


def plan(model: int, options: LoadOptions, offloaded: int) -> Plan:
    """What to open the context with. Raises ModelError for a context that the model or the memory cannot hold."""
    trained = int(lib.llama_model_n_ctx_train(model))
    if options.context > trained:
        raise ModelError(f"The model reads at most {trained:,} tokens at once; {options.context:,} were asked for.")
    context = options.context or min(trained, DEFAULT_CONTEXT)
    if not offloaded:
        _check_memory(model, context)
    threads = options.threads or writing_threads(physical_cores())
    return Plan(context, GPU_CHUNK if offloaded else CPU_CHUNK, threads, options.threads or physical_cores())


def writing_threads(cores: int) -> int:
    """Threads that write tokens: all cores but the one that the window and the statistics need, because llama.cpp's
    threads wait for each other by spinning, so that one that is held up holds up all. Of two cores both: the second
    brings more than the window takes (docs/performance.md).
    """
    return cores if cores <= 2 else cores - 1


def _check_memory(model: int, context: int) -> None:
    needed, free = _cache_bytes(model, context), psutil.virtual_memory().available
    if needed > free:
        sentence = (
            f"A context of {context:,} tokens needs {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free."
        )
        raise ModelError(sentence)


def _cache_bytes(model: int, context: int) -> int:
    """Keys and values of 16 bits for every layer, head and position."""
    architecture = metadata(model, "general.architecture")
    heads = max(1, int(lib.llama_model_n_head(model)))
    width = int(metadata(model, f"{architecture}.attention.key_length") or lib.llama_model_n_embd(model) // heads)
    return 4 * context * int(lib.llama_model_n_layer(model)) * int(lib.llama_model_n_head_kv(model)) * width


def open_context(model: int, plan: Plan, stop: ctypes.Array[ctypes.c_char]) -> int:
    """llama.cpp's context. stop: two bytes; while the first is not zero, evaluations are abandoned. Raises
    ModelError.
    """
    params: Any = lib.llama_context_default_params()
    params.n_ctx = plan.context
    params.n_batch = params.n_ubatch = plan.chunk  # one call evaluates in one shape
    params.n_threads, params.n_threads_batch = plan.threads, plan.reading_threads
    params.swa_full = True  # else layers with a sliding window could not go back to an earlier token
    params.no_perf = True
    params.abort_callback = ctypes.cast(_c_function("strlen"), lib.ggml_abort_callback)
    params.abort_callback_data = ctypes.cast(stop, ctypes.c_void_p)
    context = lib.llama_init_from_model(model, params)
    if not context:
        raise ModelError(f"A context of {plan.context:,} tokens does not fit into memory.")
    return context


def _c_function(name: str) -> Any:
    """A function of the C library. ggml asks before every node whether to give up: strlen of our two bytes answers
    without Python, whose callback would take its lock a thousand times a token.
    """
    return getattr(ctypes.CDLL(None) if os.name != "nt" else ctypes.CDLL("msvcrt"), name)


def facts(model: int, context: int, header: Header, options: LoadOptions, offloaded: int) -> ModelFacts:
    """What is known of the model just loaded."""
    path, vocabulary = header.path, lib.llama_model_get_vocab(model)
    threads = int(lib.llama_n_threads(context))
    trained = int(lib.llama_model_n_ctx_train(model))
    return ModelFacts(
        path=str(path),
        name=metadata(model, "general.name") or path.stem,
        fingerprint=fingerprint(path),
        architecture=metadata(model, "general.architecture"),
        parameters=int(lib.llama_model_n_params(model)),
        size=path.stat().st_size,
        vocabulary=int(lib.llama_vocab_n_tokens(vocabulary)),
        layers=int(lib.llama_model_n_layer(model)),
        context=options.context or min(trained, DEFAULT_CONTEXT),
        trained_context=trained,
        threads=threads,
        offloaded=offloaded,
        device=_device_words(options, threads, offloaded),
        bos=int(lib.llama_vocab_bos(vocabulary)) if lib.llama_vocab_get_add_bos(vocabulary) else -1,
        batch=int(lib.llama_n_ubatch(context)),
        chat=kind(header).kind == "chat",
    )


def _device_words(options: LoadOptions, threads: int, offloaded: int) -> str:
    if not offloaded:
        return f"CPU, {threads} thread{'s' if threads > 1 else ''}"
    return f"{', '.join(device.description for device in _chosen(options.device))}, {offloaded} layers"


def metadata(model: int, key: str) -> str:
    """One value of the file's metadata as text, "" where it has none."""
    buffer = ctypes.create_string_buffer(512)
    size: int = lib.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if size >= 0 else ""
