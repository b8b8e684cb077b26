"""The conditions under which a model runs: its numbers are the same to the bit only where all of them are the same."""

from __future__ import annotations

from dataclasses import dataclass

from models.engine.events import ModelFacts


@dataclass(frozen=True, slots=True)
class Conditions:
    """As in ModelFacts, whose `batch` is the chunk: the most tokens of one evaluation. Empty and 0 where not known.
    The model itself is named by its fingerprint, which is kept beside them."""

    build: str = ""
    device: str = ""
    offloaded: int = 0
    threads: int = 0
    context: int = 0
    cache_type: str = ""
    flash_attention: str = ""
    chunk: int = 0
    widths: tuple[int, ...] = ()

    @classmethod
    def of(cls, facts: ModelFacts) -> Conditions:
        """The conditions of a loaded model."""
        return cls(
            build=facts.build,
            device=facts.device,
            offloaded=facts.offloaded,
            threads=facts.threads,
            context=facts.context,
            cache_type=facts.cache_type,
            flash_attention=facts.flash_attention,
            chunk=facts.batch,
            widths=facts.widths,
        )
