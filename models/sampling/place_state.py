"""What a generation had at a place beside its text: the state of samplers that learn, XTC's draw, the healed text.

Odds that are asked for there again need it to be the odds that the generation had.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from models.sampling.knobs import Sampling
from models.sampling.readings import Reading


@dataclass(frozen=True, slots=True)
class PlaceState:
    """mu: of mirostat, in bits (Mirostat.mu). adaptive: of adaptive-p (AdaptiveP.mean). gate: the draw that decided
    whether XTC applied. None: not known, or nothing was learned or drawn. healed: the text behind the prefix that the
    token there spells, too; "" for none.
    """

    mu: float | None = None
    adaptive: float | None = None
    gate: float | None = None
    healed: str = ""

    @classmethod
    def of(cls, reading: Reading, sampling: Sampling, healed: str = "") -> PlaceState:
        """As a reading tells it that was made with these samplers."""
        learned, gate = _known(reading.learned), _known(reading.gate)
        if sampling.mirostat:
            return cls(learned, None, gate, healed)
        return cls(None, learned if sampling.adapts else None, gate, healed)

    def told(self, reading: Reading, sampling: Sampling) -> Reading:
        """The reading of odds that these samplers gave there, with this state."""
        learned = self.mu if sampling.mirostat else self.adaptive if sampling.adapts else None
        gate = self.gate if sampling.xtc_probability > 0 else None
        return replace(reading, gate=_number(gate), learned=_number(learned))

    @property
    def drawn_gate(self) -> float:
        """The gate as in a reading: NaN for none."""
        return _number(self.gate)


FRESH = PlaceState()  # of a place where a generation begins


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
