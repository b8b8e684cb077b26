"""Why a child process is gone, in one sentence: from its exit code and the last words in its log.

Knows nothing of how it was started.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from resources.language import tr

LAST_WORDS = 200  # characters of the log's last telling line that are shown
_TAIL = 16_384  # bytes of the log that are looked at
_TELLING = ("GGML_ASSERT", "failed", "error", "out of memory", "abort", "terminate", "what():")
_PLACE = re.compile(r"\.(c|cc|cpp|cu|cuh|h|m|metal):\d+: ")  # ggml says where it gives up
_OF_PYTHON = re.compile(r"([\w.]+(?:Error|Exception)): .*")  # behind it may stand what the user wrote
_FOLDERS = re.compile(r"\S*[/\\](?=[\w.-]+:\d+: )")  # of the machine that it was built on

# What a native crash looks like on Windows (NTSTATUS) and what it is called elsewhere.
_WINDOWS = {0xC0000005: signal.SIGSEGV, 0xC000001D: signal.SIGILL, 0xC0000409: signal.SIGABRT}

_ILLEGAL = {-signal.SIGILL, 0xC000001D, 0xC000001D - (1 << 32)}  # exit codes of an instruction that the processor lacks
_KILLED = {-15, -9}  # exit codes of a signal that nothing in a file brings about

_REASONS: dict[int, str] = {
    signal.SIGABRT: tr("The engine gave up on an error inside llama.cpp"),
    signal.SIGSEGV: tr("The engine crashed inside llama.cpp"),
    signal.SIGILL: tr("The engine was built for another processor: this one lacks an instruction it uses"),
    signal.SIGFPE: tr("The engine crashed on a number inside llama.cpp"),
    signal.SIGTERM: tr("The engine was told to end by the system or another program"),
}
if hasattr(signal, "SIGKILL"):
    _REASONS[signal.SIGKILL] = tr("The engine was killed, by hand or because the computer ran out of memory")
    _REASONS[signal.SIGBUS] = tr("The model's file was changed or removed while it was open")


@dataclass(frozen=True, slots=True)
class ProcessOutcome:
    """How a process ended. exit_code: as multiprocessing gives it, None where it hung and was ended. log: the file that
    it wrote to, None for none.
    """

    exit_code: int | None
    log: Path | None = None

    @property
    def hung(self) -> bool:
        return self.exit_code is None

    @property
    def was_killed(self) -> bool:
        """By a signal that nothing in a file brings about."""
        return self.exit_code in _KILLED

    @property
    def lacked_instruction(self) -> bool:
        """It was built for another processor."""
        return self.exit_code in _ILLEGAL

    @property
    def last_words(self) -> str:
        """The last line of the log that tells of an error, "" where there is none."""
        lines = [line.strip() for line in _tail(self.log).splitlines()]
        telling = [line for line in lines if _tells(line)]
        return _OF_PYTHON.sub(r"\1", _FOLDERS.sub("", telling[-1]))[:LAST_WORDS] if telling else ""

    @property
    def cause(self) -> str:
        """Why the engine ended and its last words, as a clause."""
        if self.exit_code and (words := self.last_words):
            return tr("{why} (it last said: {words})").format(why=_reason(self.exit_code), words=words)
        return _reason(self.exit_code)

    @property
    def sentence(self) -> str:
        """For the user: why the engine ended, its last words, and that the next request starts it again."""
        return tr("{cause}. The page is untouched; the next request starts the engine again.").format(cause=self.cause)


def _tells(line: str) -> bool:
    return "abort_callback" not in line and bool(_PLACE.search(line) or any(word in line for word in _TELLING))


def _reason(exit_code: int | None) -> str:
    if exit_code is None or exit_code == 0:
        return tr("The engine ended")
    number = _WINDOWS.get(exit_code & 0xFFFFFFFF) or (-exit_code if exit_code < 0 else exit_code - 128)
    return _REASONS.get(number, tr("The engine ended unexpectedly, with code {code}").format(code=exit_code))


def _tail(log: Path | None) -> str:
    if log is None:
        return ""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
