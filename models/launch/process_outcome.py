"""Why a child process is gone, in one sentence: from its exit code and the last words in its log.

Knows nothing of how it was started.
"""

from __future__ import annotations

import re
import signal
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

ILLEGAL = {-signal.SIGILL, 0xC000001D, 0xC000001D - (1 << 32)}  # exit codes of an instruction that the processor lacks
KILLED = {-15, -9}  # exit codes of a signal that nothing in a file brings about

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


def sentence(exit_code: int | None, log: Path) -> str:
    """One sentence for the user: why the engine ended, its last words, and that the next request starts it again."""
    return tr("{cause}. The page is untouched; the next request starts the engine again.").format(
        cause=cause(exit_code, log)
    )


def cause(exit_code: int | None, log: Path) -> str:
    """Why the engine ended and its last words, as a clause."""
    words = last_words(log)
    if words and exit_code not in (0, None):
        return tr("{why} (it last said: {words})").format(why=_reason(exit_code), words=words)
    return _reason(exit_code)


def last_words(log: Path) -> str:
    """The last line of the log that tells of an error, "" where there is none."""
    lines = [line.strip() for line in _tail(log).splitlines()]
    telling = [line for line in lines if _tells(line)]
    return _OF_PYTHON.sub(r"\1", _FOLDERS.sub("", telling[-1]))[:LAST_WORDS] if telling else ""


def _tells(line: str) -> bool:
    return "abort_callback" not in line and bool(_PLACE.search(line) or any(word in line for word in _TELLING))


def _reason(exit_code: int | None) -> str:
    if exit_code is None or exit_code == 0:
        return tr("The engine ended")
    number = _WINDOWS.get(exit_code & 0xFFFFFFFF) or (-exit_code if exit_code < 0 else exit_code - 128)
    return _REASONS.get(number, tr("The engine ended unexpectedly, with code {code}").format(code=exit_code))


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
