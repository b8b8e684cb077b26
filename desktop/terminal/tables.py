"""Prints tables: aligned on a terminal, separated by tabs for scripts."""

import math
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from desktop.terminal.streams import on_one_line, unescaped


def show_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a head. On a terminal, columns of numbers are right-aligned and long texts are wrapped."""
    shown = [[cell_of(text) for text in row] for row in rows]
    if not sys.stdout.isatty():
        for row in (head, *shown):
            sys.stdout.write("\t".join(row) + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, title in enumerate(head):
        numbers = all(row[index][:1].isdigit() for row in shown if row[index])
        table.add_column(title, justify="right" if numbers else "left", overflow="fold")
    for row in shown:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=unescaped(sys.stdout)).print(table)


def named(key: str, names: Mapping[str, str]) -> str:
    """The translated name of a value on a terminal, the value itself for scripts."""
    return names[key] if sys.stdout.isatty() else key


def cell_of(text: str) -> str:
    """A text made safe for one cell: names from files and the hub may hold line breaks and control characters."""
    return on_one_line(" ".join(text.split()) if not text.isprintable() else text)


def known(form: str, number: float) -> str:
    """The number in that form; an empty cell for NaN, which stands for one that is not known."""
    return "" if math.isnan(number) else form.format(number)


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print pairs of name and value, one a line."""
    pairs = list(facts)
    width = max((columns(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        sys.stdout.write(f"{name}{' ' * (width - columns(name))}  {cell_of(value)}\n")


def folded(text: str, width: int) -> str:
    """Wrap a paragraph to lines of at most `width` columns."""
    if columns(text) == len(text):
        return textwrap.fill(text, width)
    lines = [""]
    for word in text.split():
        if lines[-1] and columns(lines[-1]) + 1 + columns(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return "\n".join(lines)


def columns(text: str) -> int:
    """The width of a text in columns of a terminal: a Korean, Chinese or Japanese letter takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
