"""The bounds of what may be asked of the engine, said once: settings, panels and flags take theirs from here. Those of
the sampler chain stand with its knobs (knobs.py).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Whole numbers from low to high, both of them allowed."""

    low: int
    high: int

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high


CONTEXT = Bounds(0, 1 << 24)  # tokens; 0: chosen. What the model and the memory allow is asked of them
THREADS = Bounds(0, 256)  # 0: chosen. llama.cpp takes 512
GPU_LAYERS = Bounds(-1, 1_000)  # -1: as many as fit; of more than the model has, all
LENGTH = Bounds(1, 1_000_000)  # tokens of one generation that is not endless
HEADER = Bounds(0, 65_536)  # first tokens of a page that stay in sight; half the context at most
SEED = Bounds(0, 2**64 - 1)  # the engine takes any number, modulo the next one
ALTERNATIVES = Bounds(1, 1_000)  # of one token
KEPT_ALTERNATIVES = Bounds(1, 10)  # of one token, on a page: the width of its rows, in its file too
CACHE_TYPES = ("f16", "q8_0", "f32")  # of the cache's numbers; the usual one first
FLASH_ATTENTION = ("auto", "on", "off")
