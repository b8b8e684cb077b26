"""Loads a page's contents from the tables of its file. Text, tree and history are read completely; the rows of chunks,
alternatives and token names stay in the file until they are needed.

Strict: whatever is not as it was written raises BlobError.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from desktop.page.alternatives import AlternativesTable
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks, Limits
from desktop.page.contents import MOST_ENDS, Contents
from desktop.page.edit import Mark, Operation, Switch, Unmark
from desktop.page.forks import Branch, Content, Fork
from desktop.page.history import Kind, Step
from desktop.page.layer_table import Layer
from desktop.page.sources import Sources
from desktop.page.token_table import ROW, TokenRows, are_whole
from desktop.pagefile import sealing, undo_check
from desktop.pagefile.budget import OBJECT, Budget
from desktop.pagefile.checking import LARGEST, check_content, check_meta, check_tree
from desktop.pagefile.delta import REDO, UNDO, WrittenFile
from desktop.pagefile.encoding import BlobError, unpack_numbers, unpack_pairs, unpack_pieces, unpack_text
from desktop.pagefile.numbers import Numbers
from desktop.pagefile.packing import around_from, edit_from, facts_from, source_from, unpack_some, unsigned, view_from
from desktop.pagefile.saved_layers import read_layers
from desktop.pagefile.values import Facts, View
from resources.language import tr

META = ("root", "next id", "written", "touched", "growing", "sources", "alternatives", "view", "facts")
SPARED = ("view", "facts", "ended")  # optional data, whose damage never fails the load
_Part = TypeVar("_Part", Chunk, Content, Fork)
_Value = TypeVar("_Value", View, Facts, dict[tuple[int, int], None])
_KINDS = frozenset({"typing", "erasing", "change", "generation", "switch"})


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A page as its file has it. state: revision and writer. growing: the place of the step of a generation that was
    open. unsound: steps of undo or redo were left out, since they cannot be applied to the page. lost: some readings of
    layers cannot be read."""

    contents: Contents
    view: View
    facts: Facts
    numbers: Numbers
    serial: int
    state: tuple[int, str]
    growing: int | None
    unsound: bool
    lost: bool


def load(
    connection: sqlite3.Connection, reader: WrittenFile | None, limits: Limits, budget: Budget, history: bool = True
) -> Loaded:
    """Load all of a page. reader: reads the rest later; without one all rows are read now. budget: limits what comes
    into memory. history: whether undo and redo are loaded too. Raises BlobError and sqlite3.Error."""
    try:
        return _load(connection, reader, limits, budget, history)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # damaged data may raise anything
        raise BlobError(str(error)) from error


def _load(
    connection: sqlite3.Connection, reader: WrittenFile | None, limits: Limits, budget: Budget, history: bool
) -> Loaded:
    meta = meta_of(connection)
    check_meta(meta, budget)
    loading = _Loading(connection, reader, limits, budget)
    loading.read()
    root = loading.contents.get(meta["root"])
    if root is None:
        raise BlobError(tr("the page has no beginning"))
    layers, lost = loading.layers()
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
        layers=layers,
        ended=_value_or(_ended_from, meta.get("ended", b""), {}),
    )
    state = meta["revision"], meta["writer"]
    check_tree(contents, loading.contents.values(), loading.forks.values())
    unsound = undo_check.drop_impossible(contents, loading.contents.values(), loading.forks.values())
    return Loaded(
        contents,
        _value_or(view_from, meta["view"], View()),
        _value_or(facts_from, meta["facts"], Facts()),
        loading.numbers,
        meta["serial"],
        state,
        meta["growing"],
        unsound,
        lost,
    )


def _value_or(read: Callable[[object], _Value], stored: object, default: _Value) -> _Value:
    """The value, or the default: optional data (SPARED), whose damage never fails the load."""
    try:
        return read(stored)
    except BlobError:
        return default


def _ended_from(stored: object) -> dict[tuple[int, int], None]:
    """The texts that a model ended by itself. Raises BlobError."""
    pairs = unpack_pairs(cast("bytes", stored))[-MOST_ENDS:]
    return dict.fromkeys((units, unsigned(hash_)) for units, hash_ in pairs)


def meta_of(connection: sqlite3.Connection) -> dict[str, Any]:
    """The page's meta values. Raises BlobError where the page was never written."""
    meta: dict[str, Any] = {}
    for row in connection.execute("SELECT * FROM meta"):
        sound = sealing.is_sound(row)
        if not sound and row[0] not in SPARED:
            raise BlobError(tr("a checksum differs"))
        if row[0] in meta:
            raise BlobError(tr("it leads in circles"))
        meta[row[0]] = row[1] if sound else ""
    wanted = {*META, "revision", "writer", "serial"}
    if not wanted <= meta.keys():
        raise BlobError(tr("no page was written into it"))
    return meta


@dataclass(slots=True, eq=False)
class _Loading:
    """The objects that were loaded so far, by number."""

    connection: sqlite3.Connection
    reader: WrittenFile | None
    limits: Limits
    budget: Budget
    numbers: Numbers = field(default_factory=Numbers)
    chunks: dict[int, Chunk] = field(default_factory=dict[int, Chunk])
    contents: dict[int, Content] = field(default_factory=dict[int, Content])
    forks: dict[int, Fork] = field(default_factory=dict[int, Fork])

    def read(self) -> None:
        """Load chunks, then forks, then the contents made of them."""
        texts: dict[int, list[bytes]] = defaultdict(list)
        for number, _, blob in self._every("texts", "ORDER BY chunk, first"):
            units = unpack_text(blob)
            self.budget.spend(OBJECT + len(units))
            texts[number].append(units)
        for number, *facts in self._objects("chunks"):
            self.chunks[number] = self._chunk(number, b"".join(texts[number]), facts)
        tails: list[tuple[Branch, int]] = []
        self._read_forks(tails)
        self._read_contents()
        for branch, tail in tails:
            branch.tail = _found(self.contents, tail)
        self._number()

    def _every(self, table: str, rest: str = "", *values: object) -> Iterator[sealing.Row]:
        return sealing.rows(self.connection, table, rest, values)

    def _objects(self, table: str, rest: str = "", *values: object) -> Iterator[sealing.Row]:
        """Rows of which objects are made."""
        for row in self._every(table, rest, *values):
            self.budget.spend(OBJECT)
            yield row

    def _chunk(self, number: int, units: bytes, facts: list[Any]) -> Chunk:
        size, tokens, covered, total = facts
        if len(units) != 2 * size or not 0 <= (covered or 0) <= size:
            raise BlobError(tr("text is missing"))
        if tokens < 0:
            raise BlobError(tr("a number is none"))
        self.budget.spend(tokens * ROW.itemsize)  # although they are read later
        if self.reader is None:
            rows = self._rows(number, tokens)
            if not are_whole(rows, 0, size):
                raise BlobError(tr("a reading stands beside its text"))
            chunk = Chunk(units, rows)
        else:
            chunk = Chunk(units)
            if tokens:
                chunk.unload(self.reader.unread(number, tokens, covered or 0, unsigned(total or 0)))
            if total is None:  # it is in pieces: the program ended while it grew
                chunk = Chunk(units, chunk.rows)
        chunk.mark_saved(number)
        chunk.saved_rows = tokens  # lost rows included: appended ones must not take their numbers
        return chunk

    def _rows(self, number: int, count: int) -> TokenRows:
        return unpack_pieces(
            (blob for _, _, blob in self._every("rows", "WHERE chunk = ? ORDER BY first", number)), count
        )

    # -------------------------------------------------------------------------------------------- the tree

    def _read_forks(self, tails: list[tuple[Branch, int]]) -> None:
        branches: dict[int, list[Branch]] = defaultdict(list)
        for fork, _, branch_id, tail in self._objects("branches", "ORDER BY fork, place"):
            branch = Branch(branch_id)
            branches[fork].append(branch)
            if tail:
                tails.append((branch, tail))
        for number, fork_id, active, writes in self._objects("forks"):
            if not any(branch.id == active for branch in branches[number]):
                raise BlobError(tr("a branch is missing"))
            self.forks[number] = Fork(fork_id, 0, branches[number], active, bool(writes))

    def _read_contents(self) -> None:
        for number, chunks, forks, straddling, before in self._objects("contents"):
            if len(chunks) > 8 * len(self.chunks) or len(forks) > 16 * len(self.forks):
                raise BlobError(tr("a part of the page stands in two places"))
            self.budget.spend(len(chunks) + len(forks))
            own = [_found(self.chunks, chunk) for chunk in unpack_numbers(chunks)]
            content = Content(
                Chunks(self.limits, own),
                [self._placed(fork, position) for fork, position in unpack_pairs(forks)],
                unpack_some(straddling),
                unpack_text(before or b""),
            )
            self.budget.spend(content.straddling.nbytes + len(content.before))
            check_content(content)
            self.contents[number] = content

    def _placed(self, number: int, position: int) -> Fork:
        fork = _found(self.forks, number)
        fork.position = position
        return fork

    def _number(self) -> None:
        numbers = self.numbers
        numbers.contents = {content: number for number, content in self.contents.items()}
        numbers.forks = {fork: number for number, fork in self.forks.items()}
        numbers.chunks = dict(self.chunks)
        if any(not 0 < number < LARGEST for number in (*self.contents, *self.forks, *self.chunks)):
            raise BlobError(tr("a number is none"))
        numbers.next = max([0, *self.contents, *self.forks]) + 1
        numbers.next_chunk = max([0, *self.chunks]) + 1

    # -------------------------------------------------------------------------------------------- the rest

    def sources(self, count: int) -> Sources:
        found = list(self._objects("sources", "ORDER BY number"))
        if len(found) != count or any(number != place for place, (number, _) in enumerate(found)):
            raise BlobError(tr("a source is missing"))
        return Sources([source_from(text) for _, text in found])

    def layers(self) -> tuple[dict[str, Layer], bool]:
        """The layers by their models, and whether readings in them are lost."""
        found, lost = read_layers(self.connection, self.budget, self.reader)
        self.numbers.layers = {layer: number for number, layer in found.items()}
        self.numbers.next = max([self.numbers.next, *(number + 1 for number in found)])
        return {layer.fingerprint: layer for layer in found.values()}, lost

    def steps(self, stack: int) -> list[Step]:
        """The steps, oldest first."""
        kinds = [row[1:] for row in self._objects("steps", "WHERE stack = ? ORDER BY place", stack)]
        if [row[0] for row in kinds] != list(range(len(kinds))) or any(row[1] not in _KINDS for row in kinds):
            raise BlobError(tr("a step is missing"))
        steps: list[Step] = [Step(cast("Kind", kind)) for _, kind, _ in kinds]
        for _, number, place, *row in self._objects("operations", "WHERE stack = ? ORDER BY step, place", stack):
            if not 0 <= number < len(steps) or place != len((step := steps[int(number)]).operations):
                raise BlobError(tr("an operation is missing"))
            step.operations.append(self._operation(row))
        if [len(step.operations) for step in steps] != [row[2] for row in kinds]:
            raise BlobError(tr("an operation is missing"))
        return steps

    def _operation(self, row: list[Any]) -> Operation:
        kind, subject, start, removed = row[:4]
        match kind:
            case "edit" | "passage":
                passage = _found(self.contents, subject) if kind == "passage" else None
                edit = edit_from((row[0], row[1], row[2], row[3], row[4], row[5], row[6]), passage)
                self.budget.spend(len(edit.units) + edit.rows.nbytes + OBJECT * len(edit.anchors))
                return edit
            case "switch":
                return Switch(_number(subject), _number(start))
            case "mark":
                return Mark(_found(self.forks, subject), _number(start), bool(removed), around_from(row[6]))
            case "unmark":
                return Unmark(_number(subject), bool(removed))
            case _:
                raise BlobError(tr("an operation of an unknown kind"))


def _number(value: int | None) -> int:
    if value is None:
        raise BlobError(tr("a number is none"))
    return value


def _found(parts: dict[int, _Part], number: int) -> _Part:
    if number not in parts:
        raise BlobError(tr("a part of the page is missing"))
    return parts[number]
