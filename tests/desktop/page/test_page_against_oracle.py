"""The page against a naive one: a plain list of units, full snapshots for undo, whole prefixes for staleness."""

import random
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desktop.page.choosing import Chosen, Place
from desktop.page.chunks import Limits
from desktop.page.continuation import Continuation
from desktop.page.edit import Change, Edit, Mark
from desktop.page.forks import Content, Fork
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED, READ, UNREAD, TokenRows, ends
from models.engine.events import Span
from models.engine.prefix import TextPiece, TokenPiece
from models.sampling.readings import Alternatives, ChainEffect, Reading
from tests.desktop.page.conftest import WHOLE
from tests.desktop.page.writing import write_spans

MODELS = ("model A", "model B")
SOME_WORDS = ["a", "bc", " the", "한", "😀", "\n", "é", "שלום", "\r\n", " wordy"]
SOME_TEXTS = ["x", "yz", "", "\n", "👍🏽", "ab\r\n", "עברית", "\ud800", "\udc00", "한글 text", "q" * 40]
WORDS, TEXTS = st.sampled_from(SOME_WORDS), st.sampled_from(SOME_TEXTS)


@dataclass(frozen=True)
class Run:
    """A run that was written: who wrote it, which tokens, and all that stood before it as the model read it. sources:
    of its tokens, or of what has none."""

    uid: int
    kind: int
    model: str
    ids: tuple[int, ...]
    length: int
    prefix: tuple[object, ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One unit of text, and the run it is a part of."""

    unit: int
    run: Run | None = None
    place: int = 0


Cells = tuple[Cell | None, ...]  # None marks where the open generation stands


@dataclass
class State:
    """The page after a step. closed: the step that led here encloses the generation's place, which cannot grow below
    it. reinserted: it is an insertion in place of another. shows: the branch of the last continuations' fork that is
    shown, by id."""

    cells: Cells
    closed: bool = False
    reinserted: bool = False
    shows: int | None = None


def units_of(text: str) -> list[int]:
    coded = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(coded[i : i + 2], "little") for i in range(0, len(coded), 2)]


def text_of(cells: Iterable[Cell | None]) -> str:
    coded = b"".join(cell.unit.to_bytes(2, "little") for cell in cells if cell)
    return coded.decode("utf-16-le", "surrogatepass")


def whole_runs(cells: Cells) -> dict[int, Run]:
    """The runs that stand on the page with every unit, by position."""
    plain = [cell for cell in cells if cell]
    found: dict[int, Run] = {}
    for position, cell in enumerate(plain):
        run = cell.run
        if run and cell.place == 0:
            stretch = plain[position : position + run.length]
            if [(c.run, c.place) for c in stretch] == [(run, k) for k in range(run.length)]:
                found[position] = run
    return found


def prefix_of(cells: Cells, end: int, *, across: bool = False) -> tuple[object, ...]:
    """The prefix that a model reads before a position: units, and drawn tokens. across: those, too, whose run reaches
    across the position."""
    runs = {i: run for i, run in whole_runs(cells).items() if across or i + run.length <= end}
    plain = [cell for cell in cells if cell][:end]
    drawn = [runs[i].ids if i in runs and runs[i].kind == GENERATED else () for i in range(len(plain))]
    return tuple((cell.unit, ids) for cell, ids in zip(plain, drawn, strict=True))


def edited(cells: Cells, start: int, removed: int, new: Iterable[Cell], growth: bool = False) -> tuple[Cells, bool]:
    """The cells after an edit, and whether it enclosed the mark of the generation."""
    mark = cells.index(None) if None in cells else None
    plain = [cell for cell in cells if cell]
    new = list(new)
    closed = mark is not None and start < mark < start + removed
    for position, run in whole_runs(cells).items():
        if position < start + removed and position + run.length > start:
            closed = closed or (mark is not None and position < mark < position + run.length)
            for k in range(position, position + run.length):
                plain[k] = Cell(plain[k].unit)
    after: list[Cell | None] = [*plain[:start], *new, *plain[start + removed :]]
    if mark is None:
        return tuple(after), False
    if mark >= start + removed or growth:
        mark += len(new) - removed
    elif mark > start:
        mark = start + len(new)
    after.insert(mark, None)
    return tuple(after), closed


def is_of(run: Run, former: Source | None) -> bool:
    """Whether a run belongs to the generation of that source, which was put before other text. So may a token that the
    writer chose; one that was chosen before other text counts wherever it came from."""
    if not run.sources:  # text without a token, taken as it was found
        return False
    begins = run.sources[0]
    return begins == former or (begins.kind == "chosen" and begins.inserted)


def with_text_behind(cell: Cell, kept: bool) -> Cell:
    """The cell of a chosen token. kept: text stays behind it."""
    assert cell.run is not None
    *before, chosen = cell.run.sources
    return replace(cell, run=replace(cell.run, sources=(*before, replace(chosen, inserted=kept))))


class PageMachine(RuleBasedStateMachine):
    """Everything a writer, a model and an undo key can do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page(lambda: 0.0, Limits(units=16, tokens=5))
        self.page.listeners.append(self.hear)
        self.heard = b""
        self.done = [State(())]
        self.undone: list[State] = []
        self.open_at: int | None = None  # index in `done` of the open generation's own state
        self.awaited = False  # a generation is open, and nothing of it has come
        self.again: int | None = None  # the fork whose branch it is to replace
        self.former: Source | None = None  # of the insertion that it is to replace
        self.scored = False
        self.prefix: tuple[object, ...] = ()
        self.source = Source(MODELS[0])
        self.next_token = 1
        self.tails: dict[int, Cells] = {}
        self.made: dict[int, Run] = {}
        self.runs: dict[tuple[int, ...], Run] = {}
        self.spelt: dict[int, bytes] = {}

    # ---------------------------------------------------------------------------------------- what is heard

    def hear(self, change: Change) -> None:
        inserted = self.page.text(change.start, change.start + change.units).encode("utf-16-le", "surrogatepass")
        start, end = 2 * change.start, 2 * (change.start + change.removed)
        assert end <= len(self.heard)
        self.heard = self.heard[:start] + inserted + self.heard[end:]

    @property
    def cells(self) -> Cells:
        return self.done[-1].cells

    @property
    def writes(self) -> bool:
        """Whether a generation is open."""
        return self.open_at is not None or self.awaited

    def position(self, share: float) -> int:
        return round(share * self.page.length)

    # ---------------------------------------------------------------------------------------- the writer

    @initialize(text=TEXTS)
    def begin(self, text: str) -> None:
        self.type(0.0, 0, text, False)

    @rule(share=st.floats(0, 1), removed=st.integers(0, 9), text=TEXTS, joins=st.booleans())
    def type(self, share: float, removed: int, text: str, joins: bool) -> None:
        start = self.position(share)
        removed = min(removed, self.page.length - start)
        if not removed and not text:
            return
        steps = len(self.page.contents.undo)
        self.page.write(start, removed, text, joins)
        cells, closed = edited(self.cells, start, removed, map(Cell, units_of(text)))
        if len(self.page.contents.undo) > steps:
            self.done.append(State(cells, closed))
        else:
            self.done[-1] = State(cells, closed or self.done[-1].closed)
        self.undone.clear()

    @rule(text=TEXTS)
    def overwrite(self, text: str) -> None:
        """Another text in the place of all there is, its forks and their branches included."""
        self.type(0.0, self.page.length, text, False)

    # ---------------------------------------------------------------------------------------- the model

    @rule(share=st.floats(0, 1), at_end=st.booleans(), model=st.sampled_from(MODELS))
    def generate(self, share: float, at_end: bool, model: str) -> None:
        self.end()
        at = self.page.length if at_end else self.position(share)
        self.source = Source(model, inserted=at < self.page.length)
        self.page.begin_generation(self.source, at)
        self.await_at(at)

    @rule(model=st.sampled_from(MODELS))
    def regenerate(self, model: str) -> None:
        self.end()
        self.source = Source(model)
        if not self.page.regenerate(self.source):
            assert not any(fork.writes for fork in self.page.contents.path.forks)
            return
        start = self.page.generation_end
        assert start is not None
        last = self.page.last_generation()
        assert last is not None
        self.again = last[0] if start < len(self.cells) else None
        self.former = last[1] if last[1] is not None and last[1].inserted else None
        if self.former is not None:
            self.source = Source(model, inserted=True)
        self.await_at(start)

    def await_at(self, at: int) -> None:
        """Nothing happens to the page, nor to its history."""
        self.awaited = True
        self.prefix = prefix_of(self.cells, at)
        if self.again is None:
            self.done[-1].cells = (*self.cells[:at], None, *self.cells[at:])

    def open(self) -> None:
        """The first token is about to come."""
        start = self.page.generation_end
        assert start is not None
        self.forget_mark()
        cells = self.cells
        reinserted = False
        fork = next((fork for fork in self.page.forks() if fork.id == self.again), None)
        if fork is not None:
            (old,) = [branch.id for branch in fork.branches if branch.active]
            self.tails[old] = cells[start:]
            behind = self.former_end(start, cells) if self.former is not None else None
            reinserted = behind is not None
            cells = cells[:start] + (cells[behind:] if reinserted else ())
        self.done.append(State((*cells[:start], None, *cells[start:]), reinserted=reinserted))
        self.undone.clear()
        self.open_at = len(self.done) - 1
        self.awaited, self.again = False, None

    def former_end(self, start: int, cells: Cells) -> int:
        """Where the insertion that is replaced ends: its runs follow each other."""
        runs, end = whole_runs(cells), start
        while end in runs and runs[end].kind != READ and is_of(runs[end], self.former):
            end += runs[end].length
        return end

    # ---------------------------------------------------------------------------------------- the writer's choice

    @rule(which=st.integers(0, 40), part=st.integers(0, 2), word=WORDS, goes_on=st.booleans(), text=st.booleans())
    def choose(self, which: int, part: int, word: str, goes_on: bool, text: bool = False) -> None:
        """Another token, or a text, in the place of a token that was drawn or chosen. The model may go on behind it."""
        runs = [(start, run) for start, run in whole_runs(self.cells).items() if run.kind == GENERATED]
        if not runs:
            return
        self.end()
        start, run = runs[which % len(runs)]
        part %= len(run.ids)
        what, new = (word, [Cell(unit) for unit in units_of(word)]) if text else self.chosen(start, run, part, word)
        end = self.end_of_writing(start, run, part)
        if not text:
            new = [with_text_behind(cell, end < len(self.cells)) for cell in new]
            self.runs[new[0].run.ids] = self.made[self.next_token - 1] = new[0].run  # type: ignore[union-attr]
        actives, before = self.actives(), self.cells
        place = Place(start, part, run.ids[part])
        if goes_on:
            self.source = Source(MODELS[0])
            assert self.page.choose_and_begin(place, what, self.source)
            self.source = Source(MODELS[0], inserted=end < len(before))
        else:
            assert self.page.choose(place, what) == start + len(new)
        fork = [fork for fork in self.page.forks() if fork.position == start][-1]
        old = actives[fork.id][1] if fork.id in actives else fork.branches[0].id
        self.tails[old] = before[start:]
        cells = (*before[:start], *new, *((None,) if goes_on else ()), *before[end:])
        self.done.append(State(cells, reinserted=True))
        self.undone.clear()
        if goes_on:
            self.open_at = len(self.done) - 1
            self.prefix = prefix_of(cells, start + len(new))

    def end_of_writing(self, start: int, run: Run, part: int) -> int:
        """Where the text ends that is replaced with a token: what was put before other text ends before that."""
        end, found, source = start + run.length, whole_runs(self.cells), run.sources[part]
        if not source.inserted:
            while end in found and found[end].kind != READ:
                end += found[end].length
            return end
        if source.kind == "chosen":
            source = found[end].sources[0] if end in found else None
        while source and source.inserted and end in found and is_of(found[end], source):
            end += found[end].length
        return end

    def chosen(self, start: int, run: Run, part: int, word: str) -> tuple[Chosen, list[Cell]]:
        """Another token as that part of the run, and the cells of its new run."""
        token, self.next_token = self.next_token, self.next_token + 1
        spelt = b"".join(self.spelt[one] for one in run.ids)
        before = b"".join(self.spelt[one] for one in run.ids[:part])
        word = spelt.decode() + "z" if part else word
        self.spelt[token] = word.encode()[len(before) :]
        source = self.page.readings_at(start)[part].source
        chosen = Chosen(self.reading(token, self.spelt[token]), source)
        units, ids = units_of(word), (*run.ids[:part], token)
        source = replace(source, kind="chosen", seed=None, take=0, first=0, stream=0)
        made = Run(token, GENERATED, run.model, ids, len(units), run.prefix, (*run.sources[:part], source))
        return chosen, [Cell(unit, made, place) for place, unit in enumerate(units)]

    @rule(share=st.floats(0, 1), word=WORDS, goes_on=st.booleans())
    def choose_next(self, share: float, word: str, goes_on: bool) -> None:
        """A token put where the model was asked for the next one."""
        self.end()
        start, before = self.position(share), self.cells
        token, self.next_token = self.next_token, self.next_token + 1
        self.spelt[token] = word.encode()
        chosen, units = Chosen(self.reading(token, self.spelt[token]), Source(MODELS[0])), units_of(word)
        source = Source(MODELS[0], "chosen", inserted=start < len(before))
        run = Run(token, GENERATED, MODELS[0], (token,), len(units), prefix_of(before, start), (source,))
        self.runs[run.ids] = self.made[token] = run
        cells, _ = edited(before, start, 0, (Cell(unit, run, place) for place, unit in enumerate(units)))
        if goes_on:
            self.source = Source(MODELS[0], inserted=start < len(before))
            assert self.page.choose_and_begin(Place(start), chosen, self.source)
            end = start + len(units)
            cells = (*cells[:end], None, *cells[end:])
        else:
            assert self.page.choose(Place(start), chosen) == start + len(units)
        self.done.append(State(cells))
        self.undone.clear()
        if goes_on:
            self.open_at = len(self.done) - 1
            self.prefix = prefix_of(cells, start + len(units))

    def forget_mark(self) -> None:
        for state in (*self.done, *self.undone):
            state.cells = tuple(cell for cell in state.cells if cell)
            state.closed = False

    @rule(
        words=st.lists(st.tuples(WORDS, st.integers(1, 3), st.booleans()), min_size=1, max_size=4), apart=st.booleans()
    )
    def stream(self, words: list[tuple[str, int, bool]], apart: bool = False) -> None:
        """The model writes. apart: behind what the writer did since, as a step of its own."""
        if self.open_at is None and not self.awaited:
            self.generate(1.0, True, MODELS[0])
        if self.awaited:
            self.open()
        spans, new = self.written(words)
        write_spans(self.page, spans, apart=apart)
        self.grow(new, apart or self.grows_apart)
        for one in self.page.generations:
            assert one.is_edited or one.read == (one.end, self.page.prefix_hash(one.end))

    @property
    def grows_apart(self) -> bool:
        """Whether the open generation is on a branch of its own, and has begun a step of its own."""
        return any(isinstance(one, Continuation) and one.step is not None for one in self.page.generations)

    def written(self, words: list[tuple[str, int, bool]]) -> tuple[list[Span], list[Cell]]:
        """Spans of new tokens for the words, and their cells; `prefix` goes on behind them."""
        spans: list[Span] = []
        new: list[Cell] = []
        for word, tokens, cut in words:
            cut = cut and tokens == 1
            ids = tuple(range(self.next_token, self.next_token + tokens))
            self.next_token += tokens
            spans.append(self.span(word, ids, cut))
            units = units_of(word)
            kind = UNREAD if cut else GENERATED
            sources = (self.source,) * len(ids)
            run = Run(
                self.next_token, kind, self.source.fingerprint, () if cut else ids, len(units), self.prefix, sources
            )
            self.made.update(dict.fromkeys(run.ids, run))
            self.runs[run.ids] = run
            new += [Cell(unit, run, place) for place, unit in enumerate(units)]
            self.prefix += tuple((u, run.ids if not k else ()) for k, u in enumerate(units))
        return spans, new

    def grow(self, new: list[Cell], asked_apart: bool) -> None:
        assert self.open_at is not None
        newer = self.done[self.open_at + 1 :]
        at = self.cells.index(None)
        touched = any(p < at < p + run.length for p, run in whole_runs(self.cells).items())
        apart = bool(newer) and (asked_apart or touched or any(state.closed for state in newer))
        if len(self.page.contents.undo) == len(self.done):  # a step of its own, on top of the writer's
            assert apart or self.scored
            cells, _ = edited(self.cells, at, 0, new, growth=True)
            self.done.append(State(cells))
            self.open_at = len(self.done) - 1
        else:
            assert not apart
            for state in self.done[self.open_at :]:
                state.cells, _ = edited(state.cells, state.cells.index(None), 0, new, growth=True)
        self.grow_undone(new, touched)

    def grow_undone(self, new: list[Cell], touched: bool) -> None:
        enclosed = touched or any(state.closed for state in self.undone)
        if self.undone and not self.page.can_redo:
            assert enclosed or self.scored
            self.undone.clear()
        assert not (self.undone and enclosed)
        for state in self.undone:
            state.cells, _ = edited(state.cells, state.cells.index(None), 0, new, growth=True)

    def span(self, word: str, ids: tuple[int, ...], cut: bool) -> Span:
        spelt = word.encode()
        parts = [spelt[i : i + 1] for i in range(len(ids) - 1)] + [spelt[len(ids) - 1 :]]
        if cut:
            parts = [spelt + b"!"]
        else:
            self.spelt.update(zip(ids, parts, strict=True))
        return Span(word, tuple(map(self.reading, ids, parts)), cut=cut)

    def reading(self, token: int, spelt: bytes) -> Reading:
        found = Alternatives(array("i", [token]), array("f", [-1.0]), array("f", [-1.0]), b"\0", (spelt,))
        odds = Reading(token, spelt, -1.0, 1, 1.0, -1.0, 0.5, 0.0, 1.0, found)
        return replace(odds, effect=ChainEffect(1 + token % 40, 0.5, 0.25)) if token % 3 else odds

    @rule()
    def end(self) -> None:
        if self.open_at is None and not self.awaited:
            return
        self.page.end_generation()
        assert len(self.done) - 1 == len(self.page.contents.undo)
        self.open_at, self.awaited, self.again = None, False, None
        self.forget_mark()

    @rule()
    def read_anew(self) -> None:
        self.page.rebind()
        if (end := self.page.generation_end) is not None:
            self.prefix = prefix_of(self.cells, end)

    @rule(share=st.floats(0, 1), length=st.integers(1, 12), model=st.sampled_from(MODELS))
    def score(self, share: float, length: int, model: str) -> None:
        """A model reads what is there; whatever the writer wrote gets readings and nothing else changes."""
        start = self.position(share)
        found = self.page.text(start, start + length)
        whole = found.encode("utf-16-le", "replace").decode("utf-16-le", "replace")
        spans = [self.span(char, (self.next_token + i,), False) for i, char in enumerate(whole)]
        self.next_token += len(spans)
        self.scored = True
        self.page.add_readings(start, spans, Source(model, "read"))

    # ---------------------------------------------------------------------------------------- branches

    @rule(which=st.integers(0, 20))
    def switch(self, which: int) -> None:
        choices = [(f, b) for f in self.page.forks() for b in f.branches if not b.active]
        if not choices:
            return
        self.end()
        fork, branch = choices[which % len(choices)]
        if not any(b.id == branch.id for f in self.page.forks() for b in f.branches):
            return
        (fork,) = [f for f in self.page.forks() if f.id == fork.id]
        (old,) = [b.id for b in fork.branches if b.active]
        before = self.cells
        self.page.switch(fork.id, branch.id)
        self.left(old, fork.position, before)
        self.done.append(State(self.arrived(branch.id, fork.position, before)))
        self.undone.clear()

    def left(self, branch: int, position: int, cells: Cells) -> None:
        self.tails[branch] = cells[position:]

    def arrived(self, branch: int, position: int, before: Cells) -> Cells:
        """What is on the page after a switch: the branch as it was left; one that a dropped redo made is taken as it
        is found."""
        tail = self.tails.get(branch)
        across = any(cell and cell.place and cell.run for cell in (*before[position : position + 1], *(tail or ())[:1]))
        if tail is None or across:
            return self.found()
        return before[:position] + tail

    def found(self) -> Cells:
        """The page taken at its word: its text, and its runs."""
        rows = self.page.tokens(0, self.page.length)
        cells = [Cell(unit) for unit in units_of(self.page.text())]
        for row in rows:
            if row["part"] or row["kind"] == READ:
                continue
            start, length = int(row["start"]), int(row["length"])
            same = rows["start"] == row["start"]
            run = self.runs.get(tuple(rows["id"][same].tolist())) if row["kind"] == GENERATED else None
            if run is None:
                run = Run(-start - 1, UNREAD, self.page.sources[int(row["source"])].fingerprint, (), length, ())
            cells[start : start + length] = [Cell(cells[start + k].unit, run, k) for k in range(length)]
        return tuple(cells)

    # ---------------------------------------------------------------------------------------- history

    @rule()
    def undo(self) -> None:
        if self.page.undo_stops_generation:
            self.end()
        if len(self.done) == 1:
            assert not self.page.can_undo
            return
        actives = self.actives()
        before = self.cells
        assert self.page.can_undo
        self.page.undo()
        self.remember(actives, before, emptied=self.done[-1].reinserted)
        self.undone.append(self.done.pop())

    @rule()
    def redo(self) -> None:
        assert self.page.can_redo == bool(self.undone)
        if not self.undone:
            return
        if self.awaited:  # what is done again may be older than it
            self.end()
        actives = self.actives()
        before = self.cells
        self.page.redo()
        self.remember(actives, before)
        self.done.append(self.undone.pop())

    def actives(self) -> dict[int, tuple[int, int]]:
        return {f.id: (f.position, b.id) for f in self.page.forks() for b in f.branches if b.active}

    def remember(self, actives: dict[int, tuple[int, int]], before: Cells, *, emptied: bool = False) -> None:
        """Undo or redo of a switch leaves a branch as well. emptied: its text was undone."""
        for fork_id, (_, branch) in self.actives().items():
            if fork_id in actives and actives[fork_id][1] != branch:
                position, old = actives[fork_id]
                self.tails[old] = () if emptied else tuple(cell for cell in before if cell)[position:]

    # ---------------------------------------------------------------------------------------- what must hold

    @invariant()
    def same_text(self) -> None:
        text = self.page.text()
        assert text == text_of(self.cells)
        assert self.heard == text.encode("utf-16-le", "surrogatepass")
        assert self.page.length == len(units_of(text))
        if None in self.cells:
            assert self.page.generation_end == self.cells.index(None)
        assert self.page.generating == self.writes
        assert self.page.can_undo == (len(self.done) > 1) and self.page.can_redo == bool(self.undone)

    @invariant()
    def same_runs(self) -> None:
        rows = self.page.tokens(0, self.page.length)
        stale = self.page.stale(rows)
        written = rows["kind"] != READ
        expected = [
            (start, run.length, part, max(1, len(run.ids)), run.ids[part] if run.ids else -1, run.kind, run.model)
            for start, run in whole_runs(self.cells).items()
            for part in range(max(1, len(run.ids)))
        ]
        fields = ("start", "length", "part", "parts", "id", "kind")
        found = [(*(int(r[f]) for f in fields), self.page.sources[int(r["source"])].fingerprint) for r in rows[written]]
        assert found == expected
        true = [
            run.kind == UNREAD or run.prefix == prefix_of(self.cells, start)
            for start, run in whole_runs(self.cells).items()
            for _ in range(max(1, len(run.ids)))
        ]
        assert [not s for s in stale[written]] == true

    @invariant()
    def bytes_spell_the_text(self) -> None:
        rows = self.page.tokens(0, self.page.length)
        for start in sorted(set(rows["start"].tolist())):
            run = rows[rows["start"] == start]
            assert run["parts"].tolist() == [len(run)] * len(run) and run["part"].tolist() == list(range(len(run)))
            if run["kind"][0] != UNREAD:
                text = self.page.text(start, start + int(run["length"][0]))
                assert b"".join(self.spelt[int(token)] for token in run["id"]).decode() == text
                assert [r.reading.bytes for r in self.page.readings_at(start)] == [
                    self.spelt[int(t)] for t in run["id"]
                ]
        edges = [(int(s), int(e)) for s, e in zip(rows["start"], ends(rows), strict=True)]
        assert all(b == a or b[0] >= a[1] for a, b in pairwise(edges))

    @invariant()
    def pieces_are_right(self) -> None:
        for model in MODELS:
            for end in {self.page.length, self.page.length * 2 // 3}:
                assert self.page.excerpt(end, model, WHOLE).pieces == tuple(expected_pieces(self.cells, end, model))

    @invariant()
    def written_ranges_are_right(self) -> None:
        first, last = self.page.length // 4, self.page.length
        marked = {p + k for p, run in whole_runs(self.cells).items() for k in range(run.length)}
        ranges = self.page.generated_ranges(first, last)
        assert {k for a, b in ranges for k in range(a, b)} == {k for k in marked if first <= k < last}
        assert all(a[1] < b[0] for a, b in pairwise(ranges))

    @invariant()
    def nothing_generated_is_lost(self) -> None:
        kept = {int(token) for rows in self.everything() for token in rows["id"][rows["kind"] == GENERATED]}
        assert set(self.made) <= kept

    def everything(self) -> Iterator[TokenRows]:
        yield from contents(self.page.contents.path)
        for step in (*self.page.contents.undo, *self.page.contents.redo):
            for operation in step.operations:
                if isinstance(operation, Edit):
                    yield operation.rows
                    if operation.passage is not None:
                        yield from contents(operation.passage)
                if isinstance(operation, Mark):
                    yield from hidden_rows([operation.fork])

    @invariant()
    def ids_are_unique(self) -> None:
        ids = list(every_id(self.page.contents.path))
        assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        """Undo all leads to the empty page; redo all leads back, forks and staleness too."""
        self.end()
        while self.page.can_redo:
            self.redo()
        last = self.seen()
        while self.page.can_undo:
            self.undo()
            self.check()
        assert self.page.length == 0
        first = self.seen()
        while self.page.can_redo:
            self.redo()
            self.check()
        assert self.seen() == last
        while self.page.can_undo:
            self.undo()
        assert self.seen() == first

    def check(self) -> None:
        self.same_text()
        self.same_runs()
        self.nothing_generated_is_lost()

    def check_all(self) -> None:
        self.check()
        self.bytes_spell_the_text()
        self.pieces_are_right()
        self.written_ranges_are_right()
        self.ids_are_unique()

    def seen(self) -> tuple[object, ...]:
        forks = [(f.id, f.position, [(b.id, b.active, b.preview) for b in f.branches]) for f in self.page.forks()]
        rows = self.page.tokens(0, self.page.length)
        rows = rows[rows["kind"] != READ]
        return self.page.text(), rows.tolist(), self.page.stale(rows).tolist(), forks


def contents(content: Content) -> Iterator[TokenRows]:
    yield content.chunks.rows(0, len(content.chunks))
    yield content.straddling
    yield from hidden_rows(content.forks)


def hidden_rows(forks: Iterable[Fork]) -> Iterator[TokenRows]:
    for fork in forks:
        for branch in fork.branches:
            if branch.tail:
                yield from contents(branch.tail)


def every_id(content: Content) -> Iterator[int]:
    for fork in content.forks:
        yield fork.id
        for branch in fork.branches:
            yield branch.id
            if branch.tail:
                yield from every_id(branch.tail)


def expected_pieces(cells: Cells, end: int, model: str) -> Iterator[TextPiece | TokenPiece]:
    runs = {p: r for p, r in whole_runs(cells).items() if r.kind == GENERATED and r.model == model}
    plain = [cell for cell in cells if cell][:end]
    texts: list[Cell] = []
    ids: list[int] = []
    position = 0
    while position < end:
        run = runs.get(position)
        if run and position + run.length <= end:
            if texts:
                yield TextPiece(without_halves(text_of(texts)))
                texts = []
            ids += run.ids
            position += run.length
        else:
            if ids:
                yield TokenPiece(array("i", ids))
                ids = []
            texts.append(plain[position])
            position += 1
    if ids:
        yield TokenPiece(array("i", ids))
    if texts:
        yield TextPiece(without_halves(text_of(texts)))


def without_halves(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


PageMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestPage = PageMachine.TestCase


@pytest.mark.parametrize("seed", range(12))
def test_long_walks(seed: int) -> None:
    """Deeper than hypothesis goes by itself: many generations, branches and undone steps in one page."""
    chance = random.Random(seed)
    for _ in range(WALKS):
        machine = PageMachine()
        machine.begin(chance.choice(SOME_TEXTS))
        for _ in range(chance.randint(5, 60)):
            walk(machine, chance)
            machine.check_all()
        machine.teardown()


WALKS = 4
STEPS = (
    "type",
    "stream",
    "undo",
    "redo",
    "generate",
    "regenerate",
    "switch",
    "score",
    "end",
    "read_anew",
    "overwrite",
    "choose",
    "choose_next",
)
OFTEN = (25, 25, 18, 10, 5, 5, 6, 3, 2, 2, 1, 8, 3)


def walk(machine: PageMachine, chance: random.Random) -> None:
    """One random step."""
    model = chance.choice(MODELS)
    match chance.choices(STEPS, OFTEN)[0]:
        case "type":
            removed = chance.choice([0, 0, 0, 1, 2, 5, 12])
            machine.type(place(machine, chance), removed, chance.choice(SOME_TEXTS), chance.random() < 0.5)
        case "stream":
            count = chance.randint(1, 4)
            words = [(chance.choice(SOME_WORDS), chance.randint(1, 3), chance.random() < 0.1)] * count
            machine.stream(words, apart=chance.random() < 0.5)
        case "generate":
            machine.generate(place(machine, chance), chance.random() < 0.6, model)
        case "regenerate":
            machine.regenerate(model)
        case "switch":
            machine.switch(chance.randint(0, 20))
        case "score":
            machine.score(chance.random(), chance.randint(1, 12), model)
        case "choose":
            part, goes_on, text = chance.randint(0, 2), chance.random() < 0.5, chance.random() < 0.2
            machine.choose(chance.randint(0, 40), part, chance.choice(SOME_WORDS), goes_on, text)
        case "choose_next":
            machine.choose_next(chance.random(), chance.choice(SOME_WORDS), chance.random() < 0.5)
        case "overwrite":
            machine.overwrite(chance.choice(SOME_TEXTS))
        case plain:
            getattr(machine, plain)()


def place(machine: PageMachine, chance: random.Random) -> float:
    """A share of the page; often just where the model writes, or a unit or two beside it."""
    end = machine.page.generation_end
    if end is None or not machine.page.length or chance.random() < 0.4:
        return chance.random()
    return min(max(0, end + chance.randint(-3, 2)), machine.page.length) / machine.page.length
