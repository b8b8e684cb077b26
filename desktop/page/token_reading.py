"""What the model said about one token, as the odds panel shows it.

Knows nothing of where it is kept.
"""

from dataclasses import dataclass

from desktop.page.sources import Source
from models.sampling.readings import Alternatives


@dataclass(frozen=True, slots=True)
class TokenReading:
    """One token on the page. start and length (UTF-16 units) and text are its run's: the characters it spells, alone
    or with the neighbours that are `part` 0 … parts - 1 of it. raw and final: log-probabilities in nats, final -inf
    where cut. entropy: bits. draw in [low, high), NaN where nothing was drawn. stale: the page before it is not what
    the model read."""

    start: int
    length: int
    text: str
    part: int
    parts: int
    token: int
    bytes: bytes
    raw: float
    rank: int
    entropy: float
    final: float
    draw: float
    low: float
    high: float
    alternatives: Alternatives
    source: Source
    stale: bool
