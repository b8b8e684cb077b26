"""Prints what `inkfall complete` writes: one continuation or several, as text or as lines of JSON."""

from __future__ import annotations

import shutil
import sys
import time
import unicodedata
from collections.abc import Callable
from typing import Protocol

from desktop.terminal import records
from desktop.terminal.streams import escaped, unescaped
from models.engine.events import Ended, Event, Healed, ModelFacts, Sampled, Started

FRAME = 0.05  # seconds between two pictures of the blocks
TAB = "    "
HEAD = "--- {number} ---\n"


class Printer(Protocol):
    """Prints the events of one job."""

    def take(self, event: Event) -> None: ...


class TextPrinter:
    """Prints the text of the continuation, each token at once; on a terminal with a line end after it."""

    def __init__(self) -> None:
        self._open_line = False

    def take(self, event: Event) -> None:
        if isinstance(event, Sampled):
            for span in event.spans:
                sys.stdout.write(span.text)
                self._open_line = not span.text.endswith("\n")
            sys.stdout.flush()
        elif isinstance(event, Ended) and self._open_line and sys.stdout.isatty():
            sys.stdout.write("\n")


class InTurnPrinter:
    """Prints several continuations one after the other, each under a line with its number. The first that has not ended
    is printed as it comes; those behind it wait.
    """

    def __init__(self, continuations: int) -> None:
        self._texts = [""] * continuations  # not printed yet
        self._ended = [False] * continuations
        self._current = -1
        self._open_line = False

    def take(self, event: Event) -> None:
        if isinstance(event, Started):
            self._next()
        elif isinstance(event, Sampled):
            self._texts[event.stream] += "".join(span.text for span in event.spans)
        elif isinstance(event, Ended):
            self._ended[event.stream] = True
        self._print()
        sys.stdout.flush()

    def _print(self) -> None:
        while 0 <= self._current < len(self._texts):
            text, self._texts[self._current] = self._texts[self._current], ""
            sys.stdout.write(text)
            self._open_line = not text.endswith("\n") if text else self._open_line
            if not self._ended[self._current]:
                return
            if self._open_line:
                sys.stdout.write("\n")
            self._next()

    def _next(self) -> None:
        self._current += 1
        self._open_line = False
        if self._current < len(self._texts):
            sys.stdout.write(HEAD.format(number=self._current + 1))


class BlocksPrinter:
    """Shows several continuations on a terminal as they grow: each has a block with its last lines, all of them at most
    as high as the screen. At the end it prints the whole texts one after the other.
    """

    def __init__(self, continuations: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._texts = [""] * continuations
        self._clock = clock
        self._shown = 0  # lines of the last picture
        self._next = 0.0  # when the next picture is due, in seconds by the clock
        self._size = (0, 0)

    def take(self, event: Event) -> None:
        if isinstance(event, Sampled):
            self._texts[event.stream] += "".join(span.text for span in event.spans)
            if self._clock() >= self._next:
                self._next = self._clock() + FRAME
                self._draw()
        elif isinstance(event, Ended) and not event.left:
            self._write(self._cleared())
            for number, text in enumerate(self._texts, 1):
                sys.stdout.write(f"{HEAD.format(number=number)}{text}" + ("" if text.endswith("\n") else "\n"))
            sys.stdout.flush()

    def _draw(self) -> None:
        size = shutil.get_terminal_size()
        if size != self._size:  # what was drawn may be wrapped anew: begin below it
            self._size, self._shown = (size.columns, size.lines), 0
        lines = self.picture(size.columns, size.lines - 1)
        self._write(self._cleared() + "".join(f"{line}\n" for line in lines))
        self._shown = len(lines)

    def picture(self, columns: int, rows: int) -> list[str]:
        """The lines to show, at most `rows`, each at most `columns` cells wide, control characters escaped."""
        shown = self._texts[: max(rows, 1)]
        height, digits = max(rows // len(shown), 1), len(str(len(self._texts)))
        lines: list[str] = []
        for number, text in enumerate(shown, 1):
            gutter = f"{number:>{digits}} │ "
            last = wrapped(text, max(columns - len(gutter), 2))[-height:]
            lines += [(gutter if not index else " " * digits + " │ ") + line for index, line in enumerate(last)]
        return lines

    def _cleared(self) -> str:
        """Moves to the first line of the last picture and clears from there."""
        return f"\x1b[{self._shown}A\x1b[J" if self._shown else ""

    def _write(self, text: str) -> None:
        unescaped(sys.stdout).write(text)
        sys.stdout.flush()


class JsonPrinter:
    """Prints one JSON object a line: start, tokens, ends, and with `total` the whole job."""

    def __init__(self, facts: ModelFacts, settings: records.Record, top: int, total: bool = False) -> None:
        self._facts, self._settings, self._top = facts, settings, top
        self._total = total
        self._ends: list[Ended] = []
        self._width = 1

    def take(self, event: Event) -> None:
        if isinstance(event, Started):
            self._print(records.start(self._facts, event, self._settings))
        elif isinstance(event, Healed):
            self._print(records.healed(event))
        elif isinstance(event, Sampled):
            self._width = max(self._width, event.width)
            for record in records.sampled(event, self._top):
                self._print(record)
        elif isinstance(event, Ended):
            self._ends.append(event)
            self._print(records.end(event))
            if self._total and not event.left:
                self._print(records.total(self._ends, self._width))

    def _print(self, record: records.Record) -> None:
        sys.stdout.write(records.line(record))
        sys.stdout.flush()


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most `columns` cells, at least one, cut anywhere, with control characters escaped."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, width = "", 0
        for letter in escaped(paragraph.replace("\t", TAB)):
            cells = _cells(letter)
            if width + cells > columns:
                lines.append(line)
                line, width = "", 0
            line, width = line + letter, width + cells
        lines.append(line)
    return lines


def _cells(letter: str) -> int:
    """How many cells of a terminal a character takes."""
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def chosen(continuations: int | None) -> Printer:
    """The printer of texts for that many continuations; None: only one, and nothing but its text."""
    if continuations is None:
        return TextPrinter()
    return BlocksPrinter(continuations) if sys.stdout.isatty() else InTurnPrinter(continuations)
