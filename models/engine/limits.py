"""The bounds of the engine's parameters, for settings, panels and flags. Those of the sampler chain are in
sampling/knobs.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The integers from low to high, both included."""

    low: int
    high: int

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high


CONTEXT = Bounds(0, 1 << 24)  # tokens; 0: automatic. Model and memory may allow less
THREADS = Bounds(0, 256)  # 0: automatic. llama.cpp allows 512
GPU_LAYERS = Bounds(-1, 1_000)  # -1: as many as fit; more than the model has: all
LENGTH = Bounds(1, 1_000_000)  # tokens of one generation that is not endless
HEADER = Bounds(0, 65_536)  # first tokens of a page that stay in the window; half the context at most
CONTINUATIONS = Bounds(1, 256)  # of one prefix, asked for at once
SEED = Bounds(0, 2**64 - 1)  # the engine takes any number modulo 2**64
ALTERNATIVES = Bounds(1, 1_000)  # of one token
KEPT_ALTERNATIVES = Bounds(1, 10)  # of one token, stored with a page: the width of the table's rows, in its file too
CACHE_TYPES = ("f16", "q8_0", "f32")  # number types of the cache; the default first
FLASH_ATTENTION = ("auto", "on", "off")
