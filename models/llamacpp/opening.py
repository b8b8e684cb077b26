"""Opens a model and its context with llama.cpp: layers on devices, size of the context, threads.

Returns llama.cpp's pointers as integers, which the caller frees. Makes one attempt; offload_fallback.py decides what to
try next.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.engine import limits
from models.engine.events import ModelFacts
from models.errors import ModelError, Stopped
from models.library import fit, kind_overrides, memory, other_kinds
from models.library.app_dirs import app_dirs
from models.library.fingerprint import fingerprint
from models.library.header import Header, HeaderError, shown
from models.library.kind import kind
from models.library.load_options import LoadOptions
from models.library.machine import physical_cores
from models.library.model_files import read_whole
from models.library.words import size
from models.llamacpp import huge_pages
from models.llamacpp.binding import build, lib
from models.llamacpp.devices import Device, devices, driver, processor_words, why_no_graphics
from models.sampling import passes
from models.worker.language_model import OffloadPlan
from resources.language import tr, tr_count

FLASH = {"auto": -1, "off": 0, "on": 1}  # enum llama_flash_attn_type


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """How a model is opened. layers: on the devices. context: tokens. chunk: tokens of one evaluation. threads: for
    generation; reading_threads: for prompts. cache: number of the ggml type. flash: enum llama_flash_attn_type.
    streams: the most that write at once. copied: the weights lie in memory of the process, and are not mapped.
    """

    layers: int
    all_layers: int
    context: int
    chunk: int
    threads: int
    reading_threads: int
    cache: int
    flash: int
    streams: int
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file whose header was checked, its load options, the devices it may use, and the streams to make room for.
    mapped: bytes of the weights of a model beside it, see fit.this_machine.
    """

    header: Header
    sizes: memory.Sizes
    options: LoadOptions
    devices: tuple[Device, ...]
    streams: int = memory.STREAMS
    mapped: int = 0

    @property
    def path(self) -> Path:
        return self.header.path

    @property
    def machine(self) -> fit.Machine:
        return fit.this_machine(tuple(device.memory_pool for device in self.devices), self.mapped)

    @property
    def without_layers(self) -> LoadOptions:
        """The options without the number of layers and the devices, which are chosen here."""
        return replace(self.options, gpu_layers=-1, device="")


def candidate(path: Path, options: LoadOptions, streams: int = memory.STREAMS, mapped: int = 0) -> Candidate:
    """Check the file and the options before llama.cpp gets either. Raises ModelError with one sentence."""
    try:
        header = read_whole(path)
        found = memory.sizes(header)
    except HeaderError as error:
        raise ModelError(str(error)) from error
    if header.obstacle:
        raise ModelError(header.obstacle)
    if found.trained and options.context > found.trained:
        raise ModelError(
            tr("The model reads at most {most:,} tokens at once; {asked:,} were asked for.").format(
                most=found.trained, asked=options.context
            )
        )
    _check_bounds(options)
    _check_cache(options)
    return Candidate(header, found, options, _chosen(options.device), streams, mapped)


def _check_bounds(options: LoadOptions) -> None:
    numbers = (
        (tr("Context"), options.context, limits.CONTEXT),
        (tr("Threads"), options.threads, limits.THREADS),
        (tr("GPU layers"), options.gpu_layers, limits.GPU_LAYERS),
    )
    for name, value, bounds in numbers:
        if value not in bounds:
            raise ModelError(
                tr("{name} must lie between {low:,} and {high:,}, not {value:,}.").format(
                    name=name, low=bounds.low, high=bounds.high, value=value
                )
            )


def _check_cache(options: LoadOptions) -> None:
    """Raises ModelError for cache options that llama.cpp refuses without a reason."""
    if options.cache_type not in memory.CACHE_TYPES:
        raise ModelError(
            tr("There is no cache type {type} (there is: {types}).").format(
                type=options.cache_type, types=", ".join(memory.CACHE_TYPES)
            )
        )
    if options.flash_attention not in FLASH:
        raise ModelError(
            tr("Flash attention is one of {choices}, not {choice}.").format(
                choices=", ".join(FLASH), choice=options.flash_attention
            )
        )
    if options.cache_type == "q8_0" and options.flash_attention == "off":
        raise ModelError(tr("A cache of type q8_0 needs flash attention: set it to auto or on."))


def _chosen(names: str) -> tuple[Device, ...]:
    """The graphics devices to use: all, or those named; "cpu" names none. Raises ModelError for an unknown name."""
    graphics = tuple(device for device in devices() if device.graphics)
    wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
    if not wanted:
        return graphics
    known = {device.name.lower(): device for device in graphics}
    for name in wanted:
        if name != "cpu" and name not in known:
            listed = ", ".join(["cpu", *(device.name for device in graphics)])
            raise ModelError(
                tr("There is no device called “{names}” (there is: {listed}).").format(names=names, listed=listed)
            )
    return tuple(known[name] for name in wanted if name in known)


def offload_plan(wanted: Candidate) -> OffloadPlan:
    """Which layers go to devices, estimated from the header and the free memory."""
    names = ", ".join(device.name for device in wanted.devices)
    layers = wanted.options.gpu_layers
    fitting = fit.planned(wanted.sizes, wanted.machine, wanted.without_layers)
    return OffloadPlan(
        devices=names,
        asked=layers,
        fitting=fitting.layers,
        all_layers=fitting.all_layers,
        reason=_reason(wanted, fitting),
        key=_key(wanted),
        free=sum(device.free for device in wanted.devices),
    )


def _reason(wanted: Candidate, fitting: fit.Placement) -> str:
    """One sentence: why not all layers go to a device."""
    options = wanted.options
    if options.gpu_layers == 0 or options.device.strip().lower() == "cpu":
        return tr("The settings say that it runs on the CPU.")
    if not wanted.devices:
        return tr("It runs on the CPU because {why}.").format(why=why_no_graphics())
    if 0 < options.gpu_layers <= fitting.layers:
        return tr("The settings say how many layers lie on the device.")
    free = size(sum(device.free for device in wanted.devices))
    if not fitting.layers:
        return tr("It runs on the CPU because no layer fits into the {free} free on {devices}.").format(
            free=free, devices=wanted.machine.names
        )
    return tr("{layers} of {all} layers fit into the {free} free on {devices}.").format(
        layers=fitting.layers, all=fitting.all_layers, free=free, devices=wanted.machine.names
    )


def _key(wanted: Candidate) -> str:
    """The launch cache's key for this model with these options, devices and driver; "" without devices."""
    if not wanted.devices:
        return ""
    options = wanted.options
    settings = f"{options.context} {options.gpu_layers} {options.cache_type} {options.flash_attention}"
    return f"{fingerprint(wanted.path)} | {settings} | {driver(wanted.devices)}"


# ------------------------------------------------------------------------------------------------ opening


def plan(wanted: Candidate, layers: int) -> OpenPlan:
    """How to open it with `layers` layers on the devices. Raises ModelError if memory cannot hold the context."""
    options, machine = wanted.options, wanted.machine
    fitting = fit.with_layers(wanted.sizes, machine, wanted.without_layers, layers)
    if not layers:
        _check_memory(fitting.host, machine.memory.free)
    on_cpu = not (layers or wanted.devices)
    return OpenPlan(
        layers=layers,
        all_layers=fitting.all_layers,
        context=fitting.context,
        chunk=memory.GPU_CHUNK if layers else memory.CPU_CHUNK,
        threads=options.threads or writing_threads(physical_cores()),
        reading_threads=options.threads or physical_cores(),
        cache=memory.CACHE_TYPES[options.cache_type],
        flash=FLASH[options.flash_attention if options.flash else "off"],
        streams=min(wanted.streams, memory.streams(wanted.sizes)),
        copied=on_cpu and huge_pages.available() and huge_pages.worth(fitting.host, machine.memory.free),
    )


def _check_memory(need: memory.Need, free: int) -> None:
    """Raises ModelError if the free bytes cannot hold cache and buffers. Weights may be larger: they are mapped, and
    slow.
    """
    if need.cache + need.working_and_kept > free:
        raise ModelError(
            tr("A context of {context:,} tokens needs {need} of memory and {free} are free.").format(
                context=need.context, need=size(need.cache + need.working_and_kept), free=size(free)
            )
        )


def writing_threads(cores: int) -> int:
    """The number of threads for generation: all cores but one, for the window and the statistics, because llama.cpp's
    threads wait for each other by spinning, so that one delayed thread delays all. Of two cores both: the second gains
    more than the window takes (docs/performance.md).
    """
    return cores if cores <= 2 else cores - 1


def open_model(wanted: Candidate, plan: OpenPlan, progress: Callable[[float], bool]) -> int:
    """Load the model. Returns llama.cpp's pointer. Raises ModelError, or Stopped by progress."""
    given_up = False

    @lib.llama_progress_callback
    def report(fraction: float, _data: object) -> bool:
        nonlocal given_up
        given_up = given_up or not progress(fraction)
        return not given_up

    used = wanted.devices if plan.layers else ()
    handles = (ctypes.c_void_p * (len(used) + 1))(*[device.handle for device in used], None)
    params: Any = lib.llama_model_default_params()
    params.n_gpu_layers = plan.layers
    params.devices = ctypes.cast(handles, ctypes.c_void_p)
    params.progress_callback = report
    if plan.copied:
        params.load_mode = lib.LLAMA_LOAD_MODE_NONE
    model = lib.llama_model_load_from_file(os.fsencode(wanted.path), params)
    if given_up:
        if model:
            lib.llama_model_free(model)
        raise Stopped
    if not model:
        raise ModelError(
            tr("“{name}” could not be loaded: llama.cpp does not understand it or memory ran out.").format(
                name=wanted.path.name
            )
        )
    return model


def open_page(model: int, plan: OpenPlan, stop: ctypes.Array[ctypes.c_char]) -> tuple[int, OpenPlan]:
    """Make the page's context. Where llama.cpp refuses to share it among sequences, it has only one, and no streams
    write at once. Returns llama.cpp's pointer, and the plan as it was carried out. Raises ModelError.
    """
    try:
        return open_context(model, plan, stop), plan
    except ModelError:
        if plan.streams == 1:
            raise
        alone = replace(plan, streams=1)
        return open_context(model, alone, stop), alone


def open_context(
    model: int, plan: OpenPlan, stop: ctypes.Array[ctypes.c_char], *, sequences: int = 0, outputs: int = 1
) -> int:
    """Make the context. Returns llama.cpp's pointer. stop: two bytes; while the first is not zero, evaluations abort.
    sequences: 0 for those of the plan. outputs: the most rows of logits of one evaluation, more
    of which end the process; at least as many as sequences are reserved. Raises ModelError.
    """
    params: Any = lib.llama_context_default_params()
    params.n_ctx = plan.context
    params.n_batch = params.n_ubatch = plan.chunk  # one call evaluates in one shape
    params.n_seq_max = sequences or memory.sequences(plan.streams)  # the streams share the page's cells
    params.kv_unified = params.n_seq_max > 1
    # 0 would be a row of logits for each token of a chunk: 537 MB for 512 tokens and a vocabulary of 262,144.
    params.n_outputs_max = max(outputs, params.n_seq_max)  # llama.cpp aborts where it is less than the sequences
    params.n_threads, params.n_threads_batch = plan.threads, plan.reading_threads
    params.swa_full = True  # else layers with a sliding window could not go back to an earlier token
    params.type_k = params.type_v = plan.cache
    params.flash_attn_type = plan.flash
    params.no_perf = True
    params.abort_callback = ctypes.cast(_c_function("strlen"), lib.ggml_abort_callback)
    params.abort_callback_data = ctypes.cast(stop, ctypes.c_void_p)
    context = lib.llama_init_from_model(model, params)
    if not context:
        raise ModelError(tr("A context of {context:,} tokens does not fit into memory.").format(context=plan.context))
    return context


def refusal(answer: int) -> str:
    """The sentence for a result of llama_decode."""
    if answer == 1:
        return tr("The model's context is full.")
    return tr("llama.cpp could not evaluate the text (error {answer}).").format(answer=answer)


def _c_function(name: str) -> Any:
    """A function of the C library. ggml calls the abort callback before every node: strlen of our two bytes answers
    without Python, which would take its lock a thousand times a token.
    """
    return getattr(ctypes.CDLL(None) if os.name != "nt" else ctypes.CDLL("msvcrt"), name)


def check_writes(model: int, path: Path) -> None:
    """Raises ModelError if llama.cpp says that the model cannot continue a text, whatever its header says."""
    if lib.llama_model_is_diffusion(model):
        sentence = other_kinds.DIFFUSING
    elif lib.llama_model_has_encoder(model):
        sentence = other_kinds.ENCODER_DECODER if lib.llama_model_has_decoder(model) else other_kinds.ENCODER
    else:
        return
    raise ModelError(sentence.format(name=shown(path)))


def check_remembers(context: int, path: Path) -> None:
    """Raises ModelError if the model's context has no memory, as an encoder's has none."""
    if not lib.llama_get_memory(context):
        raise ModelError(other_kinds.ENCODER.format(name=shown(path)))


# ------------------------------------------------------------------------------------------------ facts


def facts(model: int, context: int, wanted: Candidate, plan: OpenPlan, bos: int) -> ModelFacts:
    """The facts of the loaded model. bos: the token put before a page, -1 for none."""
    path, vocabulary = wanted.path, lib.llama_model_get_vocab(model)
    known = fingerprint(path)
    return ModelFacts(
        path=str(path),
        name=metadata(model, "general.name") or path.stem,
        fingerprint=known,
        architecture=metadata(model, "general.architecture"),
        parameters=int(lib.llama_model_n_params(model)),
        size=wanted.header.size,
        vocabulary=int(lib.llama_vocab_n_tokens(vocabulary)),
        layers=int(lib.llama_model_n_layer(model)),
        context=plan.context,
        trained_context=int(lib.llama_model_n_ctx_train(model)),
        threads=int(lib.llama_n_threads(context)),
        offloaded=min(plan.layers, plan.all_layers),
        device=device_words(wanted.machine.names, plan, processor_words()),
        bos=bos,
        batch=int(lib.llama_n_ubatch(context)),
        streams=plan.streams,
        widths=widths(plan),
        build=f"{build()}, {passes.named()}",
        cache_type=wanted.options.cache_type,
        flash_attention=wanted.options.flash_attention,
        mapped=not plan.copied,
        chat=kind(wanted.header, overruled=kind_overrides.read(app_dirs()).get(known)).kind == "chat",
    )


def widths(plan: OpenPlan) -> tuple[int, ...]:
    """The numbers of rows that a step may have. On a CPU, llama.cpp's fast kernels take rows in fours: a step of 8 is
    faster than one of 6 (docs/performance.md).
    """
    more = range(2, plan.streams + 1)
    fast = more if plan.layers else (width for width in more if width % 4 == 0 or width == plan.streams)
    return (1, *fast)


def device_words(names: str, plan: OpenPlan, processor: str = "") -> str:
    """Where it runs, for the user: "CPU, 2 threads", "CPU (AVX2), 2 threads" or "Vulkan0: 19 of 19 layers"."""
    if not plan.layers:
        name = f"CPU ({processor})" if processor else "CPU"
        return tr_count("{processor}, {count} thread", "{processor}, {count} threads", plan.threads).format(
            processor=name, count=plan.threads
        )
    return tr("{devices}: {layers} of {all} layers").format(
        devices=names, layers=min(plan.layers, plan.all_layers), all=plan.all_layers
    )


def metadata(model: int, key: str) -> str:
    """One value of the file's metadata as text, "" if it has none."""
    buffer = ctypes.create_string_buffer(512)
    size: int = lib.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if size >= 0 else ""
