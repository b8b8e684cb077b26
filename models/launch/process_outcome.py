"""How a child process ended, and one sentence on why, from its exit code and the last error line of its log."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from resources.language import tr

LAST_WORDS = 200  # characters shown of the log's last error line
_TAIL = 16_384  # bytes at the log's end that are searched
_TELLING = ("GGML_ASSERT", "failed", "error", "out of memory", "abort", "terminate", "what():")
_SOURCE_LINE = re.compile(r"\.(c|cc|cpp|cu|cuh|h|m|metal):\d+: ")  # ggml names the source line where it aborts
_OF_PYTHON = re.compile(r"([\w.]+(?:Error|Exception)): .*")  # the rest of the line may hold the user's text
_FOLDERS = re.compile(r"\S*[/\\](?=[\w.-]+:\d+: )")  # of the machine it was built on

# Exit codes of native crashes on Windows (NTSTATUS), and the signals they correspond to.
_WINDOWS = {0xC0000005: signal.SIGSEGV, 0xC000001D: signal.SIGILL, 0xC0000409: signal.SIGABRT}

_ILLEGAL = {-signal.SIGILL, 0xC000001D, 0xC000001D - (1 << 32)}  # exit codes after an illegal instruction
_KILLED = {-15, -9}  # exit codes after a signal that no file can cause

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
    """How a process ended. exit_code: as multiprocessing gives it, None if it hung and was ended. log: the file it
    wrote to, None for none.
    """

    exit_code: int | None
    log: Path | None = None

    @property
    def hung(self) -> bool:
        return self.exit_code is None

    @property
    def was_killed(self) -> bool:
        """Whether it was ended by a signal that no file can cause."""
        return self.exit_code in _KILLED

    @property
    def lacked_instruction(self) -> bool:
        """Whether it was built for another processor."""
        return self.exit_code in _ILLEGAL

    @property
    def raised(self) -> bool:
        """Whether an exception in Python ended it: a mistake of this program, not of llama.cpp or of what it was
        asked.
        """
        return self.exit_code == 1

    @property
    def lost_file(self) -> bool:
        """Whether the model's file was changed or removed under it."""
        return hasattr(signal, "SIGBUS") and self.exit_code == -signal.SIGBUS

    @property
    def last_words(self) -> str:
        """The last line of the log that reports an error, "" if none does."""
        lines = [line.strip() for line in _tail(self.log).splitlines()]
        telling = [line for line in lines if _is_telling(line)]
        return _OF_PYTHON.sub(r"\1", _FOLDERS.sub("", telling[-1]))[:LAST_WORDS] if telling else ""

    @property
    def cause(self) -> str:
        """Why the engine ended and its last words, as a clause."""
        if self.exit_code and (words := self.last_words):
            return tr("{why} (it last said: {words})").format(why=_reason(self.exit_code), words=words)
        return _reason(self.exit_code)

    @property
    def sentence(self) -> str:
        """One sentence for the user: why the engine ended, its last words, and that the next request restarts it."""
        return tr("{cause}. The page is untouched; the next request starts the engine again.").format(cause=self.cause)


def _is_telling(line: str) -> bool:
    if "abort_callback" in line:
        return False
    return bool(_SOURCE_LINE.search(line) or _OF_PYTHON.match(line) or any(word in line for word in _TELLING))


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
