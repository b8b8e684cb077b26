"""Standard output and errors as a terminal may have them: names, models and the hub's answers bring characters that it
would obey, and marks that turn what stands behind them. They are shown as escapes that can be read.

Errors are escaped wherever they go, output only where it is a terminal. Knows nothing of what is written.
"""

import io
import re
import sys
from typing import Any, TextIO, cast

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # line ends and tabs are ours


def escaped(text: str) -> str:
    """With what a terminal would obey as \\x1b or \\u202e."""
    return CONTROL.sub(lambda found: _escape(found[0]), text)


def on_one_line(text: str) -> str:
    """The same, without line ends and tabs: a sentence that somebody's name cannot cut in two."""
    return escaped(re.sub(r"[\n\t]", lambda found: _escape(found[0]), text))


def _escape(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"


class Escaping:
    """A stream in whose place it stands, but for what is written."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(escaped(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def guard() -> None:
    """From now on both streams are UTF-8 with line ends of their own, whatever the system's habit, and escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    if sys.stdout is not None and sys.stdout.isatty() and not isinstance(sys.stdout, Escaping):
        sys.stdout = cast("TextIO", Escaping(sys.stdout))
    if sys.stderr is not None and not isinstance(sys.stderr, Escaping):
        sys.stderr = cast("TextIO", Escaping(sys.stderr))


def bare(stream: TextIO) -> TextIO:
    """The stream itself, for what moves the cursor and is ours."""
    return stream.stream if isinstance(stream, Escaping) else stream
