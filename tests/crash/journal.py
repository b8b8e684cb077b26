"""Reads the journal of a killed program: what happened to the page, and when."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.page import utf16


@dataclass(frozen=True, slots=True)
class State:
    """A text that stood on the page from one moment to another, in seconds of the monotonic clock."""

    text: str
    since: float
    until: float


def states(journal: Path, killed: float) -> list[State]:
    """The texts of the last run, in order, without a line that the kill cut off."""
    found: list[tuple[float, str]] = []
    for record in _records(journal):
        if "text" in record:
            found = [(record["time"], record["text"])]
        else:
            found.append((record["time"], _changed(found[-1][1], record)))
    ends = [time for time, _text in found[1:]] + [killed]
    return [State(text, since, until) for (since, text), until in zip(found, ends, strict=True)]


def _records(journal: Path) -> Iterator[dict]:
    for line in journal.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def _changed(text: str, record: dict) -> str:
    units = utf16.encode(text)
    start, end = 2 * record["start"], 2 * (record["start"] + record["removed"])
    return utf16.decode(units[:start] + utf16.encode(record["inserted"]) + units[end:])


def allowed(found: list[State], killed: float, lost: float = 1.0) -> list[str]:
    """The texts a reopened page may have: those that stood there at some moment of the last second."""
    return [state.text for state in found if state.until >= killed - lost]
