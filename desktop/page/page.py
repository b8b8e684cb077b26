"""The page: text, the tokens on it and what the model said of each, a tree of branches and one history.

Every position is in UTF-16 units, as in Qt. Whatever changes text comes through `Path.apply` as a value; this file says
what belongs together as one undo step. Knows nothing of widgets, engines or files.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from desktop.page import bulk_edit, forks, redo_rescue, scores, utf16
from desktop.page.bulk_edit import Many
from desktop.page.chunks import Limits
from desktop.page.contents import Contents, blank
from desktop.page.edit import Cause, Change, Edit, Mark, Operation, Switch
from desktop.page.excerpt import Excerpt, excerpt
from desktop.page.forks import Fork, ForkView, Turn
from desktop.page.generation import Awaited, Generation, Prefix, bind, rows_of, unbind
from desktop.page.history import History, Step
from desktop.page.listening import Listener, heard, surface
from desktop.page.shown_branch import ShownBranch
from desktop.page.snapshot import Snapshot
from desktop.page.sources import Source
from desktop.page.token_reading import TokenReading
from desktop.page.token_table import GENERATED, READ, UNREAD, TokenRows, ends, joined
from models.engine.events import Span

FEW = 8  # operations of one step that are still told one by one


class Page:
    """What the writer and the model write on. `listeners` are told of every change, when it is done and recorded; what
    one of them raises stops nothing (listening.py)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, limits: Limits = Limits()) -> None:  # noqa: B008
        self.listeners: list[Listener] = []
        self._untold: list[Change] = []
        self._clock = clock
        self._limits = limits
        self._hold(blank(limits))

    def _hold(self, contents: Contents) -> None:
        self.sources = contents.sources
        self.alternatives = contents.alternatives
        self._path = ShownBranch(self._limits, self._untold.append, contents.path, contents.next_id)
        self._history = History(self._clock, contents.undo, contents.redo)
        self._awaited: Awaited | None = None
        self._generation: Generation | None = None
        self._written = contents.written  # the fork where the last generation began
        self._touched = contents.touched  # the fork whose branch was last chosen

    @property
    def untouched(self) -> bool:
        """Whether it is empty and nothing ever happened on it."""
        history = self._history
        return not (self.length or self._path.forks or history.undo or history.redo)

    def blank(self) -> Contents:
        """What an empty page is, to be put on."""
        return blank(self._limits)

    @property
    def contents(self) -> Contents:
        """All that the page is, as it is now: its own parts, not copies."""
        path, history = self._path, self._history
        return Contents(
            path.content,
            self.sources,
            self.alternatives,
            history.undo,
            history.redo,
            path.next_id,
            self._written,
            self._touched,
            self._generation.step if self._generation else None,
        )

    def put(self, contents: Contents) -> None:
        """Become another page, history and all; the former one is gone from here. No step of any history."""
        self.end_generation()
        removed = self.length
        self._hold(contents)
        surface(heard(self.listeners, self._path.change(0, removed, self.length, "file")))

    def _do(
        self,
        operations: Sequence[Operation],
        cause: Cause,
        record: Callable[[Operation], object] = lambda _: None,
        few: int = FEW,
    ) -> Change | None:
        """Do them in order, and return the last change. `record` gets what undoes each before anybody hears of it; what
        listeners raised surfaces when all are done. More than a few that lie in order are told as one."""
        if len(operations) > few and (places := bulk_edit.in_order(operations)):
            for operation in operations:
                record(self._path.apply(operation, None))
            change = self._path.change_of(places, cause)
            surface(heard(self.listeners, change))
            return change
        faults: list[Exception] = []
        change: Change | None = None
        for operation in operations:
            record(self._path.apply(operation, cause))
            while self._untold:
                change = self._untold.pop(0)
                faults += heard(self.listeners, change)
        surface(faults)
        return change

    # -------------------------------------------------------------------------------------------- reading

    @property
    def length(self) -> int:
        """Units of text."""
        return len(self._path)

    @property
    def token_count(self) -> int:
        """Tokens on the page: drawn, or read in the writer's own text."""
        return self._path.chunks.count(0)

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The text of [start, end). Lone surrogates survive."""
        return self._path.chunks.text(max(0, start), self.length if end is None else min(end, self.length))

    def snapshot(self) -> Snapshot:
        """The text as it is now, for another thread."""
        return Snapshot.of(self._path.chunks.parts)

    def tokens(self, start: int, end: int) -> TokenRows:
        """A copy of the rows of all runs that reach into [start, end), starts from the page's beginning (token_table.py
        says what they hold)."""
        return self._path.chunks.rows(max(0, start), min(end, self.length))

    def span_at(self, position: int) -> tuple[int, int] | None:
        """Start and end of the run that covers the unit at position; None where the writer wrote it."""
        rows = self.tokens(position, position + 1)
        return (int(rows["start"][0]), int(ends(rows)[0])) if len(rows) else None

    def readings_at(self, position: int) -> tuple[TokenReading, ...]:
        """What the model said about each token of the run that covers the unit at position; empty where it said
        nothing."""
        rows = self.tokens(position, position + 1)
        rows = rows[rows["kind"] != UNREAD]
        if not len(rows):
            return ()
        text = self.text(int(rows["start"][0]), int(ends(rows)[0]))
        pairs = zip(rows, self.stale(rows), strict=True)
        return tuple(self._reading(row, text, bool(stale)) for row, stale in pairs)

    def _reading(self, row: Any, text: str, stale: bool) -> TokenReading:
        source, token = self.sources[int(row["source"])], int(row["id"])
        return TokenReading(
            start=int(row["start"]),
            length=int(row["length"]),
            text=text,
            part=int(row["part"]),
            parts=int(row["parts"]),
            token=token,
            bytes=self.alternatives.bytes_of(token, source.fingerprint),
            raw=float(row["raw"]),
            rank=int(row["rank"]),
            entropy=float(row["entropy"]),
            final=float(row["final"]),
            draw=float(row["draw"]),
            low=float(row["low"]),
            high=float(row["high"]),
            alternatives=self.alternatives.at(int(row["row"]), source.fingerprint),
            source=source,
            stale=stale,
        )

    def stale(self, rows: TokenRows) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each row (in order, as `tokens` gives them): whether the page before it differs from what the model
        read."""
        bounds = self._path.chunks.hashes(rows["start"].astype(np.int64))
        return (rows["bound"] != bounds) & (rows["kind"] != UNREAD)

    def prefix_hash(self, end: int) -> int:
        """A number that changes with the text and the tokens before end, and with nothing else."""
        return self._path.hash_before(end)

    def excerpt(self, end: int | None, fingerprint: str, reach: int, n_keep: int = 0) -> Excerpt:
        """The page up to end for the engine: what that model generated as its tokens, all else as text. What lies
        before the last `reach` tokens, and behind the first `n_keep`, is only counted."""
        last = self.length if end is None else end
        return excerpt(self._path.chunks, last, self.sources.of_model(fingerprint), reach, n_keep)

    def tally(self) -> tuple[int, int]:
        """How many tokens the page holds, and how many of its units none of them covers."""
        return self._path.chunks.tally(0, self.length)

    def written(self, start: int, end: int) -> list[tuple[int, int]]:
        """The ranges within [start, end) that a model wrote, neighbours merged."""
        rows = self.tokens(start, end)
        rows = rows[rows["kind"] != READ]
        if not len(rows):
            return []
        gaps = np.flatnonzero(rows["start"][1:] > ends(rows)[:-1])
        firsts = np.maximum(rows["start"][np.concatenate([[0], gaps + 1])], start)
        lasts = np.minimum(ends(rows)[np.concatenate([gaps, [len(rows) - 1]])], end)
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))

    # -------------------------------------------------------------------------------------------- the writer

    def write(self, start: int, removed: int, text: str, joins: bool = False) -> None:
        """The writer puts text in the place of `removed` units. joins: a key press, which may share a step with the
        ones before it."""
        if not 0 <= start <= start + removed <= self.length:
            raise IndexError(f"{removed} units at {start} of {self.length}")
        if not removed and not text:
            return
        parted = self._drop_redo()
        fork = self._path.fork_at(start) if start in parted and not removed else None
        behind = fork.id if fork else 0  # what is written instead belongs to the branch that is shown
        edit = Edit(start, removed, utf16.encode(text), behind=behind)
        self._do([edit], "typing", partial(self._history.write, joins=joins and "\n" not in text))

    def write_many(self, changes: Sequence[tuple[int, int, str]]) -> None:
        """The writer changes many places at once, as `write` does each, in one step: start, removed, text; in order,
        none upon another. The text in between keeps its tokens.
        """
        end = 0
        for start, removed, _text in changes:
            if not end <= start <= start + removed <= self.length:
                raise IndexError(f"{removed} units at {start} of {self.length}, behind {end}")
            end = start + removed
        self.write_prepared(list(self.prepared(Many.of([change for change in changes if change[1] or change[2]]))))

    def prepared(self, many: Many) -> Iterator[Edit]:
        """What `write_many` would do, made one by one, last ones first: that takes most of its time, and changes
        nothing. It holds as long as nothing changes before the end of the first that is made."""
        return bulk_edit.edits(self._path.chunks, many, self.generation_end)

    def write_prepared(self, edits: Sequence[Edit]) -> None:
        """Do what was prepared, in that order, as one step; listeners are told of it as one change."""
        if not edits:
            return
        self._drop_redo()
        step = Step("change")
        self._history.push(step)
        merged = [bulk_edit.anchored(edit, self._path.forks) for edit in bulk_edit.merged(edits, self._limits)]
        self._do(merged, "typing", step.operations.append, few=1)

    def read(self, offset: int, spans: Sequence[Span], source: Source) -> int:
        """Readings of the writer's own text from that offset on, where it still says what was read. No undo step, no
        change of text.

        Ask only while `prefix_hash` of what was sent is what it was. Returns how many tokens were put on the page.
        """
        rows = rows_of(spans, READ, self.sources.index(source), self.alternatives, source.fingerprint)
        count = 0
        for block in scores.fitting(self._path.chunks, offset, spans, rows):
            start = int(block["start"][0])
            block["bound"] = self._path.chunks.hashes(block["start"].astype(np.int64))
            block["start"] -= start
            self._do([Edit(start, 0, b"", block)], "read")
            count += len(block)
        return count

    # -------------------------------------------------------------------------------------------- the model

    @property
    def generating(self) -> bool:
        """Whether a generation is open, or awaited."""
        return self._generation is not None or self._awaited is not None

    @property
    def awaiting(self) -> bool:
        """Whether nothing of the open generation has come yet: the page is as it was before."""
        return self._awaited is not None

    @property
    def generation_end(self) -> int | None:
        """Where the next token of the open generation goes: behind whatever the writer types exactly there."""
        generation = self._generation
        return self._awaited_at() if generation is None else self._history.carried(generation.end, generation.step)

    def _awaited_at(self) -> int | None:
        awaited = self._awaited
        if awaited is None:
            return None
        fork = self._path.find(awaited.fork)
        return fork.position if fork else self._history.carried(awaited.at, awaited.behind)

    def begin_generation(self, source: Source, at: int | None = None) -> None:
        """Await a generation at the end of the page, or at a position. Its first token makes it one undo step that
        grows; until then nothing on the page changes, nor in its history."""
        self.end_generation()
        self._await(source, self.length if at is None else at)

    def regenerate(self, source: Source) -> bool:
        """Await the last generation anew: with the first token all from its start on goes into its branch, and a new
        branch is open. False where there is none."""
        self.end_generation()
        fork = self._last_written()
        if fork is None:
            return False
        self._await(source, fork.position, fork.id if fork.position < self.length else None)
        return True

    def _await(self, source: Source, at: int, fork: int | None = None) -> None:
        self._history.interrupt()
        prefix = Prefix(self._path.hash_before(at), at)
        self._awaited = Awaited(source, at, self._history.newest, fork, prefix)

    def _open(self, awaited: Awaited) -> None:
        """The first token has come: the generation becomes a step, in a new branch where it replaces another."""
        position = self._awaited_at() or 0
        self._awaited = None
        self._drop_redo()
        replaced = self._path.find(awaited.fork)
        if replaced is not None and replaced.position < self.length:
            branch = self._path.new_branch(replaced)
            self._touched = replaced.id
            switch = Switch(replaced.id, branch.id)
            self._do([switch], "generation", lambda inverse: self._opened(awaited, replaced, [inverse], recorded=False))
            return
        fork, operations = self._path.fork_at(position), list[Operation]()
        if fork is None:
            fork = self._path.new_fork(position)
            operations.append(self._path.apply(Mark(fork, position), None))
        self._opened(awaited, fork, operations, recorded=True)

    def _opened(self, awaited: Awaited, fork: Fork, operations: list[Operation], recorded: bool) -> None:
        step = Step("generation", operations)
        self._history.push(step)
        fork.writes = True
        self._written = fork.id
        self._generation = Generation(awaited.source, step, fork.id, fork.position, recorded, awaited.prefix)

    def last_generation(self) -> tuple[int, Source | None] | None:
        """The fork where the last generation began, and how the token there came to be: what `regenerate` would
        replace. No source where the writer has changed that token."""
        fork = self._last_written()
        if fork is None:
            return None
        rows = self.tokens(fork.position, fork.position + 1)
        rows = rows[rows["kind"] == GENERATED]
        return fork.id, (self.sources[int(rows["source"][0])] if len(rows) else None)

    def _last_written(self) -> Fork | None:
        last = self._path.find(self._written)
        return last or next((fork for fork in reversed(self._path.forks) if fork.writes), None)

    def rebind(self) -> None:
        """The engine has read the page as it is now: what it writes from here on is bound to that."""
        if (open_one := self._generation or self._awaited) is not None:
            end = self.generation_end or 0
            open_one.prefix = Prefix(self._path.hash_before(end), end)

    def append(self, spans: Sequence[Span], window: int | None = None) -> None:
        """More of the open generation, which late spans after its end find closed: they are ignored. window: tokens
        that the model no longer saw."""
        if self._awaited is not None and spans:
            self._open(self._awaited)
        generation = self._generation
        if generation is None:
            return
        if window is not None:
            generation.slide(window)
        rest = list(spans)
        while rest:
            size = next((i for i, span in enumerate(rest) if i and span.absorbed), len(rest))
            self._grow(generation, rest[:size])
            rest = rest[size:]

    def _grow(self, generation: Generation, spans: list[Span]) -> None:
        """Put spans, of which only the first may absorb, at the generation's end."""
        source = self.sources.index(generation.source)
        rows = rows_of(spans, GENERATED, source, self.alternatives, generation.source.fingerprint)
        units = utf16.encode("".join(span.text for span in spans))
        end = self._history.carried(generation.end, generation.step)
        old = self._absorbed(end, spans[0], generation) if spans[0].absorbed else rows[:0]
        if spans[0].absorbed and not len(old):
            _forget_reading(rows)
        removed = int(old["length"][0]) if len(old) else 0
        if removed:
            unbind(self._path.chunks.units(end - removed, end), old, generation.prefix)
            rows = _joined_run(old, rows)
        bind(rows, units, generation.prefix)
        rows["bound"][: len(old)] = old["bound"]
        self._put(generation, Edit(end - removed, removed, units, rows, behind=generation.fork))

    def _absorbed(self, end: int, span: Span, generation: Generation) -> TokenRows:
        """The unfinished run at the end that the span's first tokens are to join; nothing where the writer touched
        it."""
        rows = self.tokens(end - 1, end) if end else self.tokens(0, 0)
        if len(rows) != span.absorbed or int(ends(rows)[0]) != end or rows["kind"][0] != GENERATED:
            return rows[:0]
        same = self.sources[int(rows["source"][0])].fingerprint == generation.source.fingerprint
        return rows if same else rows[:0]

    def _put(self, generation: Generation, edit: Edit) -> None:
        """Apply the growth and record it: in its own step, below what the writer did since, where that can be."""
        history, grown = self._history, edit.inserted - edit.removed
        end = edit.start + edit.removed
        on_top = history.undo[-1] is generation.step
        plain = not edit.removed and not len(self._path.chunks.touched(end, end))
        outer = partial(forks.outer, self._path.forks, generation.fork)
        room = plain and history.make_room(generation.end, generation.step, grown, outer)
        if not plain:
            history.redo.clear()  # undone edits of the writer only: a generation that is open is never undone

        def record(inverse: Operation) -> None:
            assert isinstance(inverse, Edit)
            if room or on_top:
                if generation.recorded or not plain:
                    generation.record(inverse)
                generation.end += grown
            else:
                generation.step, generation.recorded = Step("generation", [inverse]), True
                generation.end = end + grown
                history.push(generation.step)

        self._do([edit], "generation", record)

    def end_generation(self) -> None:
        """Close the open generation. One that wrote nothing leaves the page and its history as they were."""
        self._generation = self._awaited = None

    # -------------------------------------------------------------------------------------------- branches

    def forks(self) -> tuple[ForkView, ...]:
        """The forks on the path, outermost first."""
        return tuple(forks.view(fork, self._path.chunks) for fork in self._path.forks)

    def turn(self) -> Turn:
        """Where the branch that is shown stands among those that previous_branch and next_branch turn to."""
        fork = self._in_turn()
        return Turn() if fork is None else forks.turn(fork, self._path.chunks)

    def _in_turn(self) -> Fork | None:
        """The fork last touched, if it is on the path, else the last one with a choice."""
        choices = [fork for fork in self._path.forks if len(fork.branches) > 1]
        return next((fork for fork in choices if fork.id == self._touched), choices[-1] if choices else None)

    def switch(self, fork_id: int, branch_id: int) -> None:
        """Show that branch of a fork on the path: one undo step. KeyError where there is no such fork or branch."""
        self._path.fork(fork_id).branch(branch_id)
        self.end_generation()
        fork = self._path.fork(fork_id)
        self._touched = fork_id
        if fork.active == branch_id:
            return
        self._drop_redo()
        switch = Switch(fork_id, branch_id)
        self._do([switch], "switch", lambda inverse: self._history.push(Step("switch", [inverse])))

    def previous_branch(self) -> bool:
        """Show the branch before the one shown; False where there is none."""
        return self._turn(-1)

    def next_branch(self) -> bool:
        """Show the branch after the one shown; False where there is none."""
        return self._turn(1)

    def _turn(self, by: int) -> bool:
        """To the branch with text that comes next in that direction."""
        fork = self._in_turn()
        beyond = forks.turn(fork, self._path.chunks).beyond(by) if fork else None
        if fork is None or beyond is None:
            return False
        self.switch(fork.id, fork.branches[beyond - 1].id)
        return True

    # -------------------------------------------------------------------------------------------- history

    @property
    def can_undo(self) -> bool:
        return bool(self._history.undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._history.redo)

    @property
    def undo_stops_generation(self) -> bool:
        """Whether the next undo takes the open generation itself back: the engine is to be stopped first."""
        newest = self._history.newest
        if self._awaited is not None:
            return newest is self._awaited.behind
        return self._generation is not None and newest is self._generation.step

    def undo(self) -> Change | None:
        """Take the newest step back. Returns the last change it made, behind which the caret belongs; None where
        nothing changed."""
        if self.undo_stops_generation:
            awaiting = self.awaiting
            self.end_generation()
            if awaiting:
                return None
        return self._flip(self._history.undo, self._history.redo, "undo")

    def redo(self) -> Change | None:
        """Do again what was last undone. Returns as `undo` does."""
        self._awaited = None  # what is done again may be older
        return self._flip(self._history.redo, self._history.undo, "redo")

    def _flip(self, source: list[Step], target: list[Step], cause: Cause) -> Change | None:
        if not source:
            return None
        step = source.pop()
        flipped = Step(step.kind)
        target.append(flipped)
        self._history.interrupt()
        return self._do(step.operations[::-1], cause, flipped.operations.append)

    def _drop_redo(self) -> frozenset[int]:
        """Something new happens: what could be redone cannot any more, but nothing that was generated is lost with
        it."""
        parted = redo_rescue.rescue(self._path, self._history.redo)
        self._history.redo.clear()
        return parted


def _forget_reading(rows: TokenRows) -> None:
    """The first span should have joined tokens that are gone: its text stays the model's, without a reading."""
    first = rows["start"] == 0
    rows["kind"][first], rows["id"][first], rows["row"][first] = UNREAD, -1, -1


def _joined_run(old: TokenRows, rows: TokenRows) -> TokenRows:
    """One run of the old tokens and those of the first span."""
    first = int(rows["parts"][0])
    whole = joined([old, rows])
    run = whole[: len(old) + first]
    run["start"], run["length"] = 0, rows["length"][0]
    run["part"], run["parts"] = np.arange(len(run)), len(run)
    return whole
