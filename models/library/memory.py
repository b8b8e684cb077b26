"""How much memory a model takes: its weights, the cache of what it read, and the buffers it works in.

An estimate from the header alone, for 16-bit caches; what a device really gives is only known by loading. Opens none.
"""

from dataclasses import dataclass

from models.library.header import Header, read_array

CHOSEN_CONTEXT = 8_192  # tokens, where the user did not say and the model was trained for as many
CHUNK = 64  # tokens that are evaluated together on a CPU
CACHE_ENTRY = 2  # bytes of one number in the cache


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes. context: the tokens that `cache` is for."""

    weights: int
    cache: int
    working: int
    context: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.working


def needed(header: Header, context: int = 0) -> Need:
    """What the model needs with a context of so many tokens (0: the one that is chosen by default)."""
    context = context or min(header.trained_context or CHOSEN_CONTEXT, CHOSEN_CONTEXT)
    widest = max(header.vocabulary, header.own("feed_forward_length"), header.own("embedding_length"))
    return Need(header.weights, context * cache_per_token(header), CHUNK * widest * 4, context)


def cache_per_token(header: Header) -> int:
    """Bytes that one token takes in the cache, over all layers."""
    heads = max(header.own("attention.head_count"), 1)
    head_size = header.own("embedding_length") // heads
    key = header.own("attention.key_length") or head_size
    value = header.own("attention.value_length") or head_size
    return _cache_heads(header, heads) * (key + value) * CACHE_ENTRY


def _cache_heads(header: Header, heads: int) -> int:
    """Heads that keep keys and values, of all layers together: one number for all layers, or one for each."""
    key = f"{header.architecture}.attention.head_count_kv"
    if key in header.arrays:
        return sum(int(count) for count in read_array(header, key) if isinstance(count, int))
    return header.layers * (header.number(key) or heads)
