"""Standard output and errors as a terminal may have them: names, models and the hub's answers bring characters that it
would obey, and marks that turn what stands behind them. They are shown as escapes that can be read.

Errors are escaped wherever they go, output only where it is a terminal. What can't be written raises OutputError on
standard output, and is lost on errors. Knows nothing of what is written.
"""

import errno
import io
import os
import re
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

from resources.language import tr
from resources.reasons import message_of

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # line ends and tabs are ours


def escaped(text: str) -> str:
    """With what a terminal would obey as \\x1b or \\u202e."""
    return CONTROL.sub(lambda found: _escape(found[0]), text)


def on_one_line(text: str) -> str:
    """The same, without line ends and tabs: a sentence that somebody's name cannot cut in two."""
    return escaped(re.sub(r"[\n\t]", lambda found: _escape(found[0]), text))


def _escape(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"


class OutputError(Exception):
    """The output can't be written. Its text is one sentence."""


class Around:
    """A stream in whose place it stands, but for what is written."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class Escaping(Around):
    """What is written is escaped."""

    def write(self, text: str) -> int:
        super().write(escaped(text))
        return len(text)


class Output(Around):
    """Standard output: raises OutputError, or BrokenPipeError where its reader is gone."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise _refused(error) from error

    def flush(self) -> None:
        try:
            self.stream.flush()
        except OSError as error:
            raise _refused(error) from error


class Errors(Around):
    """Errors, which end nothing where they can't be written."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self.stream.flush()


def _refused(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return error
    return OutputError(tr("The output cannot be written: {reason}.").format(reason=why(error)))


def why(error: Exception) -> str:
    """Why a stream or a file refused, as the end of a sentence."""
    return tr("it is closed") if isinstance(error, OSError) and error.errno == errno.EBADF else message_of(error)


def guard() -> None:
    """From now on both streams are UTF-8 with line ends of their own, whatever the system's habit, and escaped, and
    refuse as above."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    if sys.stdout is not None and not isinstance(sys.stdout, Around):
        output = Output(sys.stdout)
        sys.stdout = cast("TextIO", Escaping(cast("TextIO", output)) if output.isatty() else output)
    if sys.stderr is not None and not isinstance(sys.stderr, Around):
        sys.stderr = cast("TextIO", Escaping(cast("TextIO", Errors(sys.stderr))))


def give_up_output() -> None:
    """Nothing more can be written: what is still held back is lost in silence when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def bare(stream: TextIO) -> TextIO:
    """The stream itself, for what moves the cursor and is ours."""
    return stream.stream if isinstance(stream, Escaping) else stream
