"""How the user wants models to be loaded, as a value. No Qt."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """How models are to be loaded; 0, -1, "" and "auto" leave it to the program."""

    context: int = 0
    gpu_layers: int = -1
    device: str = ""
    cache_type: str = "f16"
    flash_attention: str = "auto"
    threads: int = 0
