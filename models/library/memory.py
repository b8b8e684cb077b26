"""How much memory a model takes, and where: its weights, the cache of what it read, and the buffers it works in.

An estimate from the header alone, held against what llama.cpp allocates by tests (docs/library.md). Where a header
leaves something open (shared caches, hybrid layers) it errs high. Opens nothing but the header's own arrays.
"""

import re
from dataclasses import dataclass, replace

from models.library.header import MAX_LAYERS, Header, HeaderError, is_recurrent, read_array, shown
from models.library.tensor_types import TENSOR_TYPES
from resources.language import tr

CHOSEN_CONTEXT = 8_192  # tokens, where the user did not say and the model was trained for as many
CPU_CHUNK = 64  # tokens that are evaluated together (n_ubatch): docs/engine.md has what was measured
GPU_CHUNK = 512
CACHE_TYPES = {"f16": 1, "q8_0": 8, "f32": 0}  # what the cache's numbers may be, and the number of the ggml type
SNAPSHOTS = 256 * 2**20  # bytes at most for states of models that cannot truncate (models/worker/snapshots.py)
STARTING_POINTS = 8  # places from which was written or looked last: their logits are kept, and their states
CELLS = 256  # llama.cpp rounds a context up to a multiple of so many tokens
LAYER = re.compile(r"blk\.(\d+)\.")
INPUTS = ("token_embd", "position_embd", "token_types", "per_layer_token_embd")  # never leave the CPU


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes. context: the tokens that `cache` is for. recurrent: the cache is a state, of one size for any text.
    snapshots: copies of states, at most, of a model that cannot truncate what it has read.
    """

    weights: int
    cache: int
    working: int
    context: int
    recurrent: bool = False
    snapshots: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.working_and_snapshots

    @property
    def working_and_snapshots(self) -> int:
        return self.working + self.snapshots


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes of a model's tensors. layers: of each one. inputs: embeddings. output: what follows the last layer; tied:
    how much of the embeddings is needed there too.
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
    """What lies on the graphics devices, and what in the computer's own memory."""

    device: Need
    host: Need


@dataclass(frozen=True, slots=True)
class Sizes:
    """A header's numbers that memory depends on, taken out once. cache: numbers that one token keeps, by layer; state:
    bytes that a layer keeps whatever is read (recurrent ones).
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

    @property
    def recurrent(self) -> bool:
        """Whether no layer has attention: what it keeps of a text is a state, which does not grow."""
        return self.state > 0 and not any(self.cache)


def sizes(header: Header, total: int = 0) -> Sizes:
    """total: bytes of all files of a model in shards, of which the header lists only the first one's tensors (0: this
    file is all of it). Raises HeaderError where the file has changed since the header was read, or a list that has a
    number for each layer is far too long.
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
    )


def needed(header: Header, context: int = 0, cache_type: str = "f16") -> Need:
    """What the model needs on a CPU with a context of so many tokens (0: the one that is chosen by default)."""
    return shares(sizes(header), 0, chosen_context(header.trained_context, context), cache_type).host


def chosen_context(trained: int, asked: int = 0) -> int:
    """Tokens: what was asked for, else what the model was trained for, but at most 8,192."""
    return asked or min(trained or CHOSEN_CONTEXT, CHOSEN_CONTEXT)


def shares(found: Sizes, offloaded: int, context: int, cache_type: str = "f16", flash: bool = True) -> Shares:
    """What lies where when so many layers are on graphics devices. They count as llama.cpp's do: what follows the last
    layer is the first to go, then the layers from the last one back; all are len(layers) + 1.
    """
    there = max(0, min(offloaded - 1, len(found.weights.layers)))
    here = len(found.weights.layers) - there
    chunk = GPU_CHUNK if offloaded else CPU_CHUNK
    device = Need(
        weights=sum(found.weights.layers[here:]) + (found.weights.output + found.weights.tied if offloaded else 0),
        cache=_cache(found, range(here, here + there), context, cache_type),
        working=working(found, context, chunk, flash) if offloaded else 0,
        context=context,
        recurrent=found.recurrent,
    )
    host = Need(
        weights=found.weights.inputs + sum(found.weights.layers[:here]) + (0 if offloaded else found.weights.output),
        cache=_cache(found, range(here), context, cache_type),
        working=_host_working(found, offloaded, here, context, chunk, flash),
        context=context,
        recurrent=found.recurrent,
        snapshots=_snapshots(found, context, chunk),
    )
    return Shares(device, host)


# ------------------------------------------------------------------------------------------------ weights


def weights(header: Header) -> Weights:
    """The tensors, by where llama.cpp puts them."""
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
    """What the other shards hold, shared out over the layers."""
    more = max(0, total - known.total) // max(1, len(known.layers))
    return replace(known, layers=tuple(size + more for size in known.layers))


def _tied(header: Header) -> int:
    """Bytes of the embeddings that are the output's weights too; llama.cpp copies them to the output's device."""
    sizes_by_name = {tensor.name: tensor.size for tensor in header.tensors}
    return 0 if "output.weight" in sizes_by_name else sizes_by_name.get("token_embd.weight", 0)


# ------------------------------------------------------------------------------------------------ the cache


def _cache(found: Sizes, layers: range, context: int, cache_type: str) -> int:
    cells = (context + CELLS - 1) // CELLS * CELLS
    both = all(found.cache)  # every layer has attention: where there is a state too, it is beside that
    return sum(
        cells * _bytes(found.cache[layer], cache_type) + (found.state if both or not found.cache[layer] else 0)
        for layer in layers
    )


def _snapshots(found: Sizes, context: int, chunk: int) -> int:
    """Copies of the state at every border of a chunk and at the last starting points, as many as the budget holds."""
    beside = all(found.cache)  # every layer has attention, and the state beside it
    state = found.state * sum(beside or not kept for kept in found.cache)
    return min(SNAPSHOTS, state * (context // chunk + STARTING_POINTS))


def _bytes(numbers: int, cache_type: str) -> int:
    _, block, size = TENSOR_TYPES[CACHE_TYPES[cache_type]]
    return numbers * size // block


def _heads(header: Header) -> int:
    """Heads of attention: one number for all layers, or the largest of one for each; 0 where there are none."""
    key = f"{header.architecture}.attention.head_count"
    return max(_by_layer(header, key), default=0) if key in header.arrays else header.number(key)


def _head_widths(header: Header, heads: int) -> tuple[int, int]:
    """Numbers of one key and of one value. Layers with a sliding window may have their own: the wider counts."""
    usual = header.own("embedding_length") // max(heads, 1)
    key = max(header.own("attention.key_length"), header.own("attention.key_length_swa")) or usual
    value = max(header.own("attention.value_length"), header.own("attention.value_length_swa")) or usual
    return key, value


def _by_layer(header: Header, key: str) -> list[int]:
    """The whole numbers of an array that has one for each layer."""
    if header.arrays[key].count > MAX_LAYERS:
        raise HeaderError(
            tr("{name} is damaged: its header has no sensible {key}.").format(name=shown(header.path), key=key)
        )
    return [int(count) for count in read_array(header, key) if isinstance(count, int)]


def _cache_heads(header: Header, heads: int) -> tuple[int, ...]:
    """Heads that keep keys and values, by layer: one number for all layers, or one for each (0 where it has no
    attention). Models without attention keep a state only; some have it in every so many-th layer.
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
    """Bytes of a recurrent layer's state, in 32-bit numbers, as llama.cpp reckons it: RWKV's, LFM2's, Kimi's, Mamba's
    layers.
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
    """Bytes of the compute buffer for evaluating a chunk: the larger of what a layer and what the output takes."""
    output = 4 * chunk * (found.vocabulary + 2 * found.width)
    return max(output, _layer_working(found, context, chunk, flash))


def _layer_working(found: Sizes, context: int, chunk: int, flash: bool) -> int:
    heads = found.heads * found.head_width
    attention = 2 * heads + 2 * found.width + (0 if flash else found.heads * context)
    mask = 0 if found.recurrent else context if flash else 2 * context  # of 16 or 32 bits
    return 4 * chunk * (2 * found.width + max(attention, 2 * found.inner)) + 2 * chunk * mask


def _host_working(found: Sizes, offloaded: int, here: int, context: int, chunk: int, flash: bool) -> int:
    """The computer's own part: logits of a whole chunk, and what the layers there work in, or only the inputs."""
    logits = 4 * chunk * found.vocabulary
    if not offloaded:
        return logits + working(found, context, chunk, flash)
    if here:
        return logits + _layer_working(found, context, chunk, flash)
    return logits + 4 * chunk * found.width + (2 if flash else 4) * chunk * context


def _vocabulary(header: Header, width: int) -> int:
    """Rows of the output: the embeddings' own shape, since some are padded beyond the vocabulary."""
    named = (tensor for tensor in header.tensors if tensor.name in {"output.weight", "token_embd.weight"})
    rows = (tensor.shape[1] for tensor in named if len(tensor.shape) == 2 and tensor.shape[0] == width)
    return max(header.vocabulary, *rows, 0)


def _inner(header: Header, width: int) -> int:
    """The widest of the feed-forward layers; a mixture of experts works on several at once."""
    key = f"{header.architecture}.feed_forward_length"
    usual = header.number(key) or 4 * width
    dense = max(_by_layer(header, key), default=usual) if key in header.arrays else usual
    experts = header.own("expert_used_count") * (header.own("expert_feed_forward_length") or dense)
    return max(dense, experts)
