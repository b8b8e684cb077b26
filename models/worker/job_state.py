"""The state of the job that the loop runs: its prefix, the window of it, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass

from models.engine.events import EndReason
from models.worker.healing import Healing
from models.worker.tokens import PageTokens, TextOffsets, Window


@dataclass(slots=True)
class JobState:
    """The state of one job. arrived, first: when the request and the job's first token came, in seconds by the loop's
    clock. n_keep: first tokens of the page that stay in the window. kept, unseen: code points, see events.Started.
    streams: how many write at once. stream, left: the number of a stream that is written alone, and how many follow it.
    reason, sentence: why it ended, as in Ended. healing: of the first token; the prefix is then without the text that
    it takes back.
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
    healing: Healing | None = None

    def take_back(self, head: JobState, healing: Healing) -> None:
        """The prefix is that of `head` from here on."""
        self.page, self.window, self.shown = head.page, head.window, head.shown
        self.kept, self.unseen, self.healing = head.kept, head.unseen, healing

    @property
    def used(self) -> int:
        return len(self.window.ids)
