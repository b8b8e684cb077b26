"""Estimates how much memory a model needs on devices and on the host: weights, cache and working buffers.

The estimate uses the header alone; tests compare it with llama.cpp's allocations (docs/library.md). Where a header is
ambiguous (shared caches, hybrid layers) it is too high.
"""

import re
from dataclasses import dataclass, replace

from models.library.header import MAX_LAYERS, Header, HeaderError, is_recurrent, read_array, shown
from models.library.tensor_types import TENSOR_TYPES
from resources.language import tr

CHOSEN_CONTEXT = 8_192  # tokens, the most of an automatic context
CPU_CHUNK = 128  # tokens of one evaluation (n_ubatch): docs/performance.md has the measurements
GPU_CHUNK = 512
OUTPUTS = 64  # most logits of one evaluation: 1 MB each for a vocabulary of 262,144 tokens
CACHE_TYPES = {"f16": 1, "q8_0": 8, "f32": 0}  # types of the cache's numbers, with the number of the ggml type
SNAPSHOTS = 256 * 2**20  # bytes at most for states of models that cannot truncate (models/worker/snapshots.py)
QUERY_SNAPSHOTS = 64 * 2**20  # the same of the second context, which answers queries
STREAMS = 16  # streams that write at once; more are written in waves
STREAM_COUNTS = (STREAMS, 8, 4, 1)  # tried in this order
STREAM_STATES = 256 * 2**20  # bytes at most for the states of streams that write at once
STARTING_POINTS = 8  # the last places where a generation or a look began: their logits and states are kept
KEPT_LOGITS = 32  # the last places that were looked at: other sampler chains are run over their logits
CELLS = 256  # llama.cpp rounds a context up to a multiple of this many tokens
LAYER = re.compile(r"blk\.(\d+)\.")
GATE = re.compile(r"blk\.\d+\.ffn_gate(_exps|_up_exps)?\.weight")
INPUTS = ("token_embd", "position_embd", "token_types", "per_layer_token_embd")  # never leave the CPU


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes needed. context: tokens that `cache` is for. recurrent: the cache is a state whose size is fixed.
    snapshots: the most that copies of states take, of a model that cannot truncate its cache. kept_logits: the most
    that the logits of the last looks and starting points take.
    """

    weights: int
    cache: int
    working: int
    context: int
    recurrent: bool = False
    snapshots: int = 0
    kept_logits: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.working_and_kept

    @property
    def working_and_kept(self) -> int:
        """All that is neither weights nor cache."""
        return self.working + self.snapshots + self.kept_logits


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes of a model's tensors. layers: of each layer. inputs: embeddings. output: tensors after the last layer.
    tied: the part of the embeddings that the output needs too.
    """

    layers: tuple[int, ...]
    inputs: int
    output: int
    tied: int

    @property
    def total(self) -> int:
        return sum(self.layers) + self.inputs + self.output


@dataclass(frozen=True, slots=True)
class Shares:
    """The memory needed on the graphics devices and on the host."""

    device: Need
    host: Need


@dataclass(frozen=True, slots=True)
class Sizes:
    """The numbers of a header that memory depends on. cache: numbers a token, by layer. state: bytes of a recurrent
    layer's state. width: of the embeddings; inner: of the feed-forward layers; gated: whether these have a gate of that
    width too. windowed: whether some layers have a sliding window. trained: context in tokens.
    """

    weights: Weights
    cache: tuple[int, ...]
    state: int
    vocabulary: int
    width: int
    inner: int
    heads: int
    head_width: int
    trained: int
    gated: bool = True
    windowed: bool = False

    @property
    def recurrent(self) -> bool:
        """Whether no layer has attention, so that the model has a state of fixed size and no cache."""
        return self.state > 0 and not any(self.cache)


def sizes(header: Header, total: int = 0) -> Sizes:
    """The sizes in a header. total: bytes of all files of a model in shards, of which the header lists only the first
    one's tensors (0: one file). Raises HeaderError if the file has changed since the header was read, or an array with
    one number a layer is too long.
    """
    heads = _heads(header)
    key, value = _head_widths(header, heads)
    width = header.own("embedding_length")
    return Sizes(
        weights=_spread(weights(header), total),
        cache=tuple(count * (key + value) for count in _cache_heads(header, heads)),
        state=_state(header, heads),
        vocabulary=_vocabulary(header, width),
        width=width,
        inner=_inner(header, width),
        heads=max(heads, 1),
        head_width=max(key, value),
        trained=header.trained_context,
        gated=any(GATE.match(tensor.name) for tensor in header.tensors),
        windowed=header.own("attention.sliding_window") > 0,
    )


def needed(header: Header, context: int = 0, cache_type: str = "f16") -> Need:
    """The memory needed on a CPU. context: tokens, 0 = automatic. Raises HeaderError as `sizes` does."""
    return shares(sizes(header), 0, chosen_context(header.trained_context, context), cache_type).host


def chosen_context(trained: int, asked: int = 0) -> int:
    """The context in tokens: `asked`, else what the model was trained for, at most 8,192."""
    return asked or min(trained or CHOSEN_CONTEXT, CHOSEN_CONTEXT)


def shares(found: Sizes, offloaded: int, context: int, cache_type: str = "f16", flash: bool = True) -> Shares:
    """The memory on devices and host with `offloaded` layers on devices. Layers count as in llama.cpp: the output is
    the first to be offloaded, then the layers from the last one back; all are len(layers) + 1.
    """
    on_device = max(0, min(offloaded - 1, len(found.weights.layers)))
    on_host = len(found.weights.layers) - on_device
    chunk = GPU_CHUNK if offloaded else CPU_CHUNK
    device = Need(
        weights=sum(found.weights.layers[on_host:]) + (found.weights.output + found.weights.tied if offloaded else 0),
        cache=_cache(found, range(on_host, on_host + on_device), context, cache_type),
        working=working(found, context, chunk, flash) if offloaded else 0,
        context=context,
        recurrent=found.recurrent,
    )
    host = Need(
        weights=found.weights.inputs + sum(found.weights.layers[:on_host]) + (0 if offloaded else found.weights.output),
        cache=_cache(found, range(on_host), context, cache_type),
        working=_host_working(found, offloaded, on_host, context, chunk, flash),
        context=context,
        recurrent=found.recurrent,
        snapshots=_snapshots(found, context, chunk),
        kept_logits=4 * (KEPT_LOGITS + STARTING_POINTS) * found.vocabulary,
    )
    return Shares(device, host)


# ------------------------------------------------------------------------------------------------ weights


def weights(header: Header) -> Weights:
    """The bytes of the tensors, by where llama.cpp puts them."""
    layers, inputs, output = [0] * header.layers, 0, 0
    for tensor in header.tensors:
        found = LAYER.match(tensor.name)
        if found and int(found[1]) < len(layers):
            layers[int(found[1])] += tensor.size
        elif tensor.name.startswith(INPUTS):
            inputs += tensor.size
        else:
            output += tensor.size
    return Weights(tuple(layers), inputs, output, _tied(header))


def _spread(known: Weights, total: int) -> Weights:
    """The weights with the bytes of the other shards spread over the layers."""
    more = max(0, total - known.total) // max(1, len(known.layers))
    return replace(known, layers=tuple(size + more for size in known.layers))


def _tied(header: Header) -> int:
    """Bytes of the embeddings that are also the output's weights; llama.cpp copies them to the output's device."""
    sizes_by_name = {tensor.name: tensor.size for tensor in header.tensors}
    return 0 if "output.weight" in sizes_by_name else sizes_by_name.get("token_embd.weight", 0)


# ------------------------------------------------------------------------------------------------ the cache


def _cache(found: Sizes, layers: range, context: int, cache_type: str) -> int:
    cells = (context + CELLS - 1) // CELLS * CELLS
    both = all(found.cache)  # every layer has attention: a state, if there is one, comes on top
    states = found.state * sequences(streams(found))
    return sum(
        cells * _bytes(found.cache[layer], cache_type) + (states if both or not found.cache[layer] else 0)
        for layer in layers
    )


def sequences(streams: int) -> int:
    """The sequences of a context in which that many streams write at once: one for each, and the page's. A single one
    writes in the page's.
    """
    return streams + 1 if streams > 1 else 1


def streams(found: Sizes) -> int:
    """How many streams write at once: 16, or of a model with a state, which each stream needs for itself, 8, 4 or 1."""
    state = _state_of_all_layers(found)
    return next((count for count in STREAM_COUNTS if state * (count + 1) <= STREAM_STATES), 1)


def _state_of_all_layers(found: Sizes) -> int:
    beside = all(found.cache)  # every layer has attention, and the state beside it
    return found.state * sum(beside or not kept for kept in found.cache)


def _snapshots(found: Sizes, context: int, chunk: int) -> int:
    """Copies of the state at every border of a chunk and at the last starting points, as many as the budget holds."""
    return min(SNAPSHOTS, _state_of_all_layers(found) * (context // chunk + STARTING_POINTS))


def _bytes(numbers: int, cache_type: str) -> int:
    _, block, size = TENSOR_TYPES[CACHE_TYPES[cache_type]]
    return numbers * size // block


def _heads(header: Header) -> int:
    """Attention heads: one number for all layers, or the largest of the layers' numbers; 0 if there are none."""
    key = f"{header.architecture}.attention.head_count"
    return max(_by_layer(header, key), default=0) if key in header.arrays else header.number(key)


def _head_widths(header: Header, heads: int) -> tuple[int, int]:
    """The widths of a key and of a value. Layers with a sliding window may have others: the wider counts."""
    usual = header.own("embedding_length") // max(heads, 1)
    key = max(header.own("attention.key_length"), header.own("attention.key_length_swa")) or usual
    value = max(header.own("attention.value_length"), header.own("attention.value_length_swa")) or usual
    return key, value


def _by_layer(header: Header, key: str) -> list[int]:
    """The integers of an array with one for each layer. Raises HeaderError."""
    if header.arrays[key].count > MAX_LAYERS:
        raise HeaderError(
            tr("{name} is damaged: its header has no sensible {key}.").format(name=shown(header.path), key=key)
        )
    return [int(count) for count in read_array(header, key) if isinstance(count, int)]


def _cache_heads(header: Header, heads: int) -> tuple[int, ...]:
    """Key-value heads, by layer: one number for all layers, or one for each (0: no attention). Recurrent models have
    none; hybrid ones have attention in every n-th layer.
    """
    key = f"{header.architecture}.attention.head_count_kv"
    if key not in header.arrays:
        key = f"{header.architecture}.attention.head_count"
    if key in header.arrays:
        listed = _by_layer(header, key)
        return tuple((listed + [heads or 1] * header.layers)[: header.layers])
    if not heads and is_recurrent(header.architecture, header.values):
        return (0,) * header.layers
    usual = header.own("attention.head_count_kv") or heads or 1
    every = header.own("full_attention_interval") or 1
    return tuple(0 if (layer + 1) % every else usual for layer in range(header.layers))


def _state(header: Header, heads: int) -> int:
    """Bytes of a recurrent layer's state in 32-bit numbers, as llama.cpp computes it, for RWKV,
    LFM2, Kimi and Mamba.
    """
    width, conv = header.own("embedding_length"), header.own("ssm.conv_kernel")
    if head := header.own("wkv.head_size"):
        return 4 * width * (head + (header.own("token_shift_count") or 2))
    if kernel := header.own("shortconv.l_cache"):
        return 4 * width * (kernel - 1)
    if head := header.own("kda.head_dim"):
        return 4 * heads * head * (head + 3 * ((conv or 4) - 1))
    inner, state = header.own("ssm.inner_size"), header.own("ssm.state_size")
    return 4 * (inner * state + max(conv - 1, 0) * (inner + 2 * header.own("ssm.group_count") * state))


# ------------------------------------------------------------------------------------------------ working memory


def working(found: Sizes, context: int, chunk: int, flash: bool = True) -> int:
    """Bytes of the compute buffer for a chunk of tokens: the larger of a layer's and the output's need. The output has
    one row for each stream and one for the cache (models/llamacpp/opening.py).
    """
    output = 4 * min(chunk, sequences(streams(found))) * (found.vocabulary + 2 * found.width)
    return max(output, _layer_working(found, context, chunk, flash))


def _layer_working(found: Sizes, context: int, chunk: int, flash: bool) -> int:
    rows = _rows(found, chunk)
    heads = found.heads * found.head_width
    attention = 2 * heads + 2 * found.width + (0 if flash else found.heads * context)
    forward = 3 * found.inner + 2 * found.width if found.gated else 2 * found.inner - found.width
    return 4 * rows * (2 * found.width + max(attention, forward)) + _masks(found, context, chunk, flash)


def _masks(found: Sizes, context: int, chunk: int, flash: bool) -> int:
    """Bytes of the masks, of 16 or 32 bits: one for all layers, and one for those with a sliding window."""
    count = 0 if found.recurrent else 2 if found.windowed else 1
    return count * (2 if flash else 4) * _rows(found, chunk) * context


def _rows(found: Sizes, chunk: int) -> int:
    """Rows of the graph that llama.cpp reserves for a chunk: as many for each sequence."""
    count = sequences(streams(found))
    return -(-chunk // count) * count


def _host_working(found: Sizes, offloaded: int, on_host: int, context: int, chunk: int, flash: bool) -> int:
    """Bytes on the host: logits of a score, and the buffers of the layers there, or of the inputs alone."""
    logits = 4 * min(chunk, OUTPUTS) * found.vocabulary
    if not offloaded:
        return logits + working(found, context, chunk, flash)
    if on_host:
        return logits + _layer_working(found, context, chunk, flash)
    return logits + 4 * _rows(found, chunk) * found.width + _masks(found, context, chunk, flash)


def _vocabulary(header: Header, width: int) -> int:
    """The length of the logits: from the embeddings' shape, which may be padded beyond the vocabulary."""
    named = (tensor for tensor in header.tensors if tensor.name in {"output.weight", "token_embd.weight"})
    lengths = (tensor.shape[1] for tensor in named if len(tensor.shape) == 2 and tensor.shape[0] == width)
    return max(header.vocabulary, *lengths, 0)


def _inner(header: Header, width: int) -> int:
    """The width of the widest feed-forward layer; of a mixture of experts, of all experts used at once."""
    key = f"{header.architecture}.feed_forward_length"
    usual = header.number(key) or 4 * width
    dense = max(_by_layer(header, key), default=usual) if key in header.arrays else usual
    experts = header.own("expert_used_count") * (header.own("expert_feed_forward_length") or dense)
    return max(dense, experts)
