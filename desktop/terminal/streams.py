"""Makes stdout and stderr safe for terminals: escapes control characters and direction marks that come from outside.

stderr is always escaped, stdout only on a terminal. A failed write raises OutputError on stdout and is ignored on
stderr.
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
    """The text with control characters as \\x1b or \\u202e."""
    return CONTROL.sub(lambda found: _escape(found[0]), text)


def on_one_line(text: str) -> str:
    """The text with control characters, line ends and tabs escaped."""
    return escaped(re.sub(r"[\n\t]", lambda found: _escape(found[0]), text))


def _escape(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"


class OutputError(Exception):
    """The output cannot be written. Its text is one sentence."""


class StreamProxy:
    """Replaces a stream; subclasses change how text is written."""

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


class Escaping(StreamProxy):
    """Escapes what is written."""

    def write(self, text: str) -> int:
        super().write(escaped(text))
        return len(text)


class Output(StreamProxy):
    """Standard output. Raises OutputError, or BrokenPipeError if the reader has closed it."""

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


class Errors(StreamProxy):
    """Standard error. Ignores failed writes."""

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
    """The reason of an error, as the end of a sentence."""
    return tr("it is closed") if isinstance(error, OSError) and error.errno == errno.EBADF else message_of(error)


def guard_streams() -> None:
    """Replace sys.stdout and sys.stderr by safe ones, in UTF-8 with \\n as line end on every system."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    if sys.stdout is not None and not isinstance(sys.stdout, StreamProxy):
        output = Output(sys.stdout)
        sys.stdout = cast("TextIO", Escaping(cast("TextIO", output)) if output.isatty() else output)
    if sys.stderr is not None and not isinstance(sys.stderr, StreamProxy):
        sys.stderr = cast("TextIO", Escaping(cast("TextIO", Errors(sys.stderr))))


def give_up_output() -> None:
    """Redirect stdout to the null device, so that flushing at exit does not fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def unescaped(stream: TextIO) -> TextIO:
    """The stream without escaping, for our own control sequences."""
    return stream.stream if isinstance(stream, Escaping) else stream
