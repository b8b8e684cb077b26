"""The options of a load, shared by settings, panels, flags, the memory estimate and the engine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded. context: tokens, 0 = automatic (the model's own, at most 8,192, less if memory is short).
    threads: 0 = automatic. gpu_layers: -1 = as many as fit. device: names with commas between, "" for all, "cpu" for
    none. cache_type: of the numbers in the cache, "f16", "q8_0" or "f32". flash_attention: "auto", "on" or "off";
    llama.cpp's rounds a cache of f32 to 16 bits, so "auto" is "off" there.
    """

    context: int = 0
    threads: int = 0
    gpu_layers: int = -1
    device: str = ""
    cache_type: str = "f16"
    flash_attention: str = "auto"

    @property
    def flash(self) -> bool:
        """Whether flash attention is on, or left to llama.cpp."""
        return self.flash_attention == "on" or (self.flash_attention == "auto" and self.cache_type != "f32")
