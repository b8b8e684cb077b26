"""What a download says while it runs, and the two ways in which it stops before its end. Values only."""

from dataclasses import dataclass
from typing import Literal

# checking: reading again what is there already; verifying: all is there, and is being put on the disk and looked into
Phase = Literal["checking", "downloading", "waiting", "verifying", "done"]


@dataclass(frozen=True, slots=True)
class Progress:
    """done, total: bytes of the whole item, those checked so far while `checking`. sentence: why it waits, what came of
    it; mostly empty. usable: False where all of it is here, and verified, but no model that can be opened.
    """

    phase: Phase
    done: int
    total: int
    sentence: str = ""
    usable: bool = True


class DownloadError(Exception):
    """A download stopped. Its text is one sentence that the user can act on."""


class PausedError(DownloadError):
    """What is there stays and counts: asking again goes on from it, once the reason is gone."""


class RefusedError(DownloadError):
    """Asking again does not help by itself. page: where its terms are accepted, or empty. token_may_help: so may a
    token of the user's.
    """

    def __init__(self, sentence: str, page: str = "", token_may_help: bool = False) -> None:
        super().__init__(sentence)
        self.page = page
        self.token_may_help = token_may_help
