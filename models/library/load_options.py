"""How a model is to be loaded, as settings, panels, flags, the estimate and the engine say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded. context: tokens, 0 = choose (the model's own, at most 8,192, less where memory is short).
    threads: 0 = choose. gpu_layers: -1 = as many as fit. device: names with commas between, empty for all, "cpu" for
    none. cache_type: of the numbers in the cache, "f16", "q8_0" or "f32". flash_attention: "auto", "on" or "off".
    """

    context: int = 0
    threads: int = 0
    gpu_layers: int = -1
    device: str = ""
    cache_type: str = "f16"
    flash_attention: str = "auto"

    @property
    def flash(self) -> bool:
        """Flash attention is on, or llama.cpp may choose it."""
        return self.flash_attention != "off"
