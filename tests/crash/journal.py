"""Reads the journal of a killed program: what happened to the page, and when."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.page import utf16
from desktop.page.forks import every_fork
from desktop.page.page import Page


@dataclass(frozen=True, slots=True)
class State:
    """A text that stood on the page from one moment to another, in seconds of the monotonic clock. branches: as
    `branches_of` gives them; None where the journal does not tell."""

    text: str
    since: float
    until: float
    branches: dict[str, int] | None = None


def branches_of(page: Page) -> dict[str, int]:
    """A checksum of the text of every branch beside the shown one, by id."""
    found: dict[str, int] = {}
    for fork in every_fork(page.contents.path.forks):
        for branch in fork.branches:
            if branch.tail is not None and len(branch.tail.chunks):
                found[str(branch.id)] = zlib.crc32(branch.tail.chunks.units(0, len(branch.tail.chunks)))
    return found


def states(journal: Path, killed: float) -> list[State]:
    """The texts of the last run, in order, without a line that the kill cut off."""
    found: list[tuple[float, str, dict[str, int] | None]] = []
    for record in _records(journal):
        if "branches" in record:
            found.append((record["time"], record["text"], record["branches"]))
        elif "text" in record:
            found = [(record["time"], record["text"], None)]
        else:
            found.append((record["time"], _changed(found[-1][1], record), None))
    ends = [time for time, *_ in found[1:]] + [killed]
    return [State(text, since, until, branches) for (since, text, branches), until in zip(found, ends, strict=True)]


def _records(journal: Path) -> Iterator[dict]:
    for line in journal.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def _changed(text: str, record: dict) -> str:
    units = utf16.encode(text)
    start, end = 2 * record["start"], 2 * (record["start"] + record["removed"])
    return utf16.decode(units[:start] + utf16.encode(record["inserted"]) + units[end:])


def allowed(found: list[State], killed: float, lost: float = 1.0) -> list[State]:
    """What a reopened page may be: what stood there at some moment of the last second."""
    return [state for state in found if state.until >= killed - lost]
