"""A page's contents out of the tables of its file. Text, tree and history come whole; the rows of chunks, alternatives
and token names stay in the file until they are wanted.

Strict: what is not as it was written raises BlobError. Knows nothing of files.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from desktop.page.alternatives import AlternativesTable
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks, Limits
from desktop.page.contents import Contents
from desktop.page.edit import Exchange, Mark, Operation, Switch, Unmark
from desktop.page.forks import Branch, Content, Fork
from desktop.page.history import Kind, Step
from desktop.page.rows import NONE, TokenRows, joined
from desktop.page.sources import Sources
from desktop.pagefile import sealing
from desktop.pagefile.checking import check_meta, check_tree
from desktop.pagefile.delta import REDO, UNDO, Keeper
from desktop.pagefile.encoding import BlobError, unpack_numbers, unpack_pairs, unpack_rows, unpack_text
from desktop.pagefile.packing import edit_from, facts_from, source_from, unpack_some, unsigned, view_from
from desktop.pagefile.tracker import Numbers
from desktop.pagefile.values import Facts, View
from resources.language import tr

META = ("root", "next id", "written", "touched", "growing", "sources", "alternatives", "view", "facts")
SPARED = ("view", "facts")  # where a page was left, and what a list shows of it, are not worth the page
_Part = TypeVar("_Part", Chunk, Content, Fork)
_Said = TypeVar("_Said", View, Facts)
_KINDS = frozenset({"typing", "erasing", "change", "generation", "switch", "file"})


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A page as its file has it. state: revision and writer. growing: the place of the step of a generation that was
    open."""

    contents: Contents
    view: View
    facts: Facts
    numbers: Numbers
    serial: int
    state: tuple[int, str]
    growing: int | None


def load(connection: sqlite3.Connection, reader: Keeper | None, limits: Limits, history: bool = True) -> Loaded:
    """All that a page is. reader: reads the rest later; without one all rows are read now. history: what can be undone
    too. Raises BlobError and sqlite3.Error."""
    try:
        return _load(connection, reader, limits, history)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # damage may pass for data
        raise BlobError(str(error)) from error


def _load(connection: sqlite3.Connection, reader: Keeper | None, limits: Limits, history: bool) -> Loaded:
    meta = meta_of(connection)
    loading = _Loading(connection, reader, limits)
    loading.read()
    root = loading.contents.get(meta["root"])
    if root is None:
        raise BlobError(tr("the page has no beginning"))
    kept = (reader, meta["alternatives"]) if reader else (None, 0)
    contents = Contents(
        root,
        loading.sources(meta["sources"]),
        AlternativesTable(*kept),
        loading.steps(UNDO) if history else [],
        loading.steps(REDO) if history else [],
        meta["next id"],
        meta["written"],
        meta["touched"],
    )
    state = meta["revision"], meta["writer"]
    check_meta(meta)
    check_tree(contents, loading.contents.values())
    return Loaded(
        contents,
        _or(view_from, meta["view"], View()),
        _or(facts_from, meta["facts"], Facts()),
        loading.numbers,
        meta["serial"],
        state,
        meta["growing"],
    )


def _or(read: Callable[[object], _Said], text: object, else_: _Said) -> _Said:
    """What is SPARED may be lost."""
    try:
        return read(text)
    except BlobError:
        return else_


def meta_of(connection: sqlite3.Connection) -> dict[str, Any]:
    """What is said of the page as a whole. Raises BlobError where it was never written to."""
    meta: dict[str, Any] = {}
    for row in connection.execute("SELECT * FROM meta"):
        spared = row[0] in SPARED and not sealing.is_sound(row)
        name, value = (row[0], "") if spared else sealing.sound(row)
        meta[name] = value
    wanted = {*META, "revision", "writer", "serial"}
    if not wanted <= meta.keys():
        raise BlobError(tr("no page was written into it"))
    return meta


@dataclass(slots=True, eq=False)
class _Loading:
    """What was loaded so far, by number."""

    connection: sqlite3.Connection
    reader: Keeper | None
    limits: Limits
    numbers: Numbers = field(default_factory=Numbers)
    chunks: dict[int, Chunk] = field(default_factory=dict[int, Chunk])
    contents: dict[int, Content] = field(default_factory=dict[int, Content])
    forks: dict[int, Fork] = field(default_factory=dict[int, Fork])

    def read(self) -> None:
        """Chunks, then forks, then the contents made of them."""
        texts: dict[int, list[bytes]] = defaultdict(list)
        for number, _, blob in self._every("texts", "ORDER BY chunk, first"):
            texts[number].append(unpack_text(blob))
        for number, *facts in self._every("chunks"):
            self.chunks[number] = self._chunk(number, b"".join(texts[number]), facts)
        tails: list[tuple[Branch, int]] = []
        self._read_forks(tails)
        self._read_contents()
        for branch, tail in tails:
            branch.tail = _found(self.contents, tail)
        self._number()

    def _every(self, table: str, rest: str = "", *values: object) -> Iterator[sealing.Row]:
        return sealing.rows(self.connection, table, rest, values)

    def _chunk(self, number: int, units: bytes, facts: list[Any]) -> Chunk:
        size, tokens, covered, total = facts
        if len(units) != 2 * size:
            raise BlobError(tr("text is missing"))
        if self.reader is None:
            chunk = Chunk(units, self._rows(number, tokens))
        elif total is None:  # it is in pieces: the window went down while it grew
            chunk = Chunk(units, self.reader.unread(number, tokens, 0, 0).read())
        else:
            chunk = Chunk(units)
            if tokens:
                chunk.leave(self.reader.unread(number, tokens, int(covered), unsigned(total)))
        chunk.keep(number)
        chunk.kept_rows = tokens  # those that are lost too: what is appended does not take their place
        return chunk

    def _rows(self, number: int, count: int) -> TokenRows:
        rows = [unpack_rows(blob) for _, _, blob in self._every("rows", "WHERE chunk = ? ORDER BY first", number)]
        table = joined(rows) if rows else NONE.copy()
        if len(table) != count:
            raise BlobError(tr("rows are missing"))
        return table

    # -------------------------------------------------------------------------------------------- the tree

    def _read_forks(self, tails: list[tuple[Branch, int]]) -> None:
        branches: dict[int, list[Branch]] = defaultdict(list)
        for fork, _, branch_id, tail in self._every("branches", "ORDER BY fork, place"):
            branch = Branch(branch_id)
            branches[fork].append(branch)
            if tail:
                tails.append((branch, tail))
        for number, fork_id, active, writes in self._every("forks"):
            if not any(branch.id == active for branch in branches[number]):
                raise BlobError(tr("a branch is missing"))
            self.forks[number] = Fork(fork_id, 0, branches[number], active, bool(writes))

    def _read_contents(self) -> None:
        for number, chunks, forks, straddling, before in self._every("contents"):
            own = [_found(self.chunks, chunk) for chunk in unpack_numbers(chunks)]
            self.contents[number] = Content(
                Chunks(self.limits, own),
                [self._placed(fork, position) for fork, position in unpack_pairs(forks)],
                unpack_some(straddling),
                unpack_text(before or b""),
            )

    def _placed(self, number: int, position: int) -> Fork:
        fork = _found(self.forks, number)
        fork.position = position
        return fork

    def _number(self) -> None:
        numbers = self.numbers
        numbers.contents = {content: number for number, content in self.contents.items()}
        numbers.forks = {fork: number for number, fork in self.forks.items()}
        numbers.chunks = dict(self.chunks)
        numbers.next = max([0, *self.contents, *self.forks]) + 1
        numbers.next_chunk = max([0, *self.chunks]) + 1

    # -------------------------------------------------------------------------------------------- the rest

    def sources(self, count: int) -> Sources:
        found = list(self._every("sources", "ORDER BY number"))
        if [number for number, _ in found] != list(range(count)):
            raise BlobError(tr("a source is missing"))
        return Sources([source_from(text) for _, text in found])

    def steps(self, stack: int) -> list[Step]:
        """Oldest first."""
        kinds = [row[1:] for row in self._every("steps", "WHERE stack = ? ORDER BY place", stack)]
        if [row[0] for row in kinds] != list(range(len(kinds))) or any(row[1] not in _KINDS for row in kinds):
            raise BlobError(tr("a step is missing"))
        steps: list[Step] = [Step(cast("Kind", kind)) for _, kind, _ in kinds]
        for _, number, place, *row in self._every("operations", "WHERE stack = ? ORDER BY step, place", stack):
            if number >= len(steps) or place != len((step := steps[int(number)]).operations):
                raise BlobError(tr("an operation is missing"))
            step.operations.append(self._operation(row))
        if [len(step.operations) for step in steps] != [row[2] for row in kinds]:
            raise BlobError(tr("an operation is missing"))
        return steps

    def _operation(self, row: list[Any]) -> Operation:
        kind, subject, start = row[:3]
        match kind:
            case "edit" | "passage":
                passage = _found(self.contents, subject) if kind == "passage" else None
                return edit_from((row[0], row[1], row[2], row[3], row[4], row[5], row[6]), passage)
            case "switch":
                return Switch(subject, start)
            case "mark":
                return Mark(_found(self.forks, subject), start)
            case "unmark":
                return Unmark(subject)
            case "exchange":
                return Exchange(_found(self.contents, subject))
            case _:
                raise BlobError(tr("an operation of an unknown kind"))


def _found(parts: dict[int, _Part], number: int) -> _Part:
    if number not in parts:
        raise BlobError(tr("a part of the page is missing"))
    return parts[number]
