"""Values: the progress of a download, and the two errors with which it stops before its end."""

from dataclasses import dataclass
from typing import Literal

# checking: hashing the bytes of an earlier run; verifying: all bytes are here, flushing them and reading the header
Phase = Literal["checking", "downloading", "waiting", "verifying", "done"]


@dataclass(frozen=True, slots=True)
class Progress:
    """done, total: bytes of the item (while `checking`, the bytes checked). sentence: why it waits, or the result;
    usually "". usable: False if the item is complete and verified, but no model that can be opened.
    """

    phase: Phase
    done: int
    total: int
    sentence: str = ""
    usable: bool = True


class DownloadError(Exception):
    """A download stopped. The message is one sentence that the user can act on."""


class PausedError(DownloadError):
    """The download can be resumed, once the reason is gone; its bytes are kept."""


class RefusedError(DownloadError):
    """Resuming alone does not help. url: where the terms can be accepted, or "". token_may_help: a token may help."""

    def __init__(self, sentence: str, url: str = "", token_may_help: bool = False) -> None:
        super().__init__(sentence)
        self.url = url
        self.token_may_help = token_may_help
