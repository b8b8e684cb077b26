"""Tables for people and for scripts: drawn on a terminal, separated by tabs where the output goes elsewhere."""

import re
import sys
from collections.abc import Iterable, Sequence

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def show_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a head. On a terminal, columns of numbers are set to the right, and what is long is folded."""
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
    Console().print(table)


def cell_of(text: str) -> str:
    """A text as it can stand in one cell: names come from files and from the hub, with whatever is in them."""
    return printable(" ".join(text.split()) if not text.isprintable() else text)


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print pairs of a name and what it is, one a line."""
    pairs = list(facts)
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        sys.stdout.write(f"{name:<{width}}  {printable(value)}\n")


def printable(text: str) -> str:
    """A text out of a file as a terminal may have it: no control characters but line ends and tabs."""
    return CONTROL.sub("\ufffd", text)
