"""What one query keeps while it is answered, and what it leaves for the next."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from models.engine.events import Ended, EndReason, Started
from models.sampling.stages import Logits
from models.worker.healing import Healing
from models.worker.tokens import PageTokens, TextOffsets, Window


@dataclass(frozen=True, slots=True)
class KeptLogits:
    """The logits behind a prefix that was looked at. history: its last tokens, for penalties and DRY. healing: of the
    next token; heals: as in Sampling, when it was looked at. fed: the bytes that came before since the grammar began.
    """

    logits: Logits
    history: array[int]
    healing: Healing | None
    heals: bool
    fed: bytes = b""


@dataclass(slots=True)
class QueryState:
    """The state of one query. arrived, first: when the request and the answer's first part came, in seconds by the
    clock. tokens: scored. evaluated: tokens of the prefix read for it.
    """

    job: int
    arrived: float
    page: PageTokens
    window: Window
    shown: TextOffsets
    reason: EndReason = "stopped"
    tokens: int = 0
    evaluated: int = 0
    first: float | None = None

    def started(self, reused: int) -> Started:
        window = self.window
        kept = self.shown.code_points(window.kept)
        unseen = self.shown.code_points(window.start)
        return Started(self.job, window.ids[:], window.dropped, unseen, reused, True, kept)

    def ended(self, now: float) -> Ended:
        first, total = (self.first or now) - self.arrived, now - self.arrived
        return Ended(self.job, self.reason, self.tokens, self.evaluated, first, total, len(self.window.ids))
