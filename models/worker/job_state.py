"""The state of the job that the loop runs: its prefix, the window of it, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass

from models.engine.events import EndReason
from models.worker.tokens import PageTokens, TextOffsets, Window


@dataclass(slots=True)
class JobState:
    """The state of one job. arrived, first: when the request and the job's first token came, in seconds by the loop's
    clock. n_keep: first tokens of the page that stay in the window. kept, unseen: code points, see events.Started.
    streams: how many write at once. stream, left: the number of a stream that is written alone, and how many follow it.
    reason, sentence: why it ended, as in Ended.
    """

    job: int
    arrived: float
    page: PageTokens
    n_keep: int
    shown: TextOffsets
    window: Window
    kept: int = 0
    unseen: int = 0
    streams: int = 1
    stream: int = 0
    left: int = 0
    reason: EndReason = "stopped"
    sentence: str = ""
    tokens: int = 0
    evaluated: int = 0
    first: float | None = None

    @property
    def used(self) -> int:
        return len(self.window.ids)
