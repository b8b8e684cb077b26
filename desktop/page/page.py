"""The page: text, tokens with their readings, a tree of branches and one history. What other rooms use of it is here.

Every position is in UTF-16 units, as in Qt. The work is done by a file a topic: writing.py, generation.py, branches.py,
queries.py; they share core.py, through which all changes go. No Qt, no engine, no files.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from desktop.page import queries, writing
from desktop.page.alternatives import AlternativesTable
from desktop.page.branches import Branches
from desktop.page.bulk_edit import Replacements
from desktop.page.choosing import Chosen, Place, WritingOn, choose
from desktop.page.chunks import Limits
from desktop.page.contents import MOST_ENDS, Contents, blank
from desktop.page.continuation import Continuation
from desktop.page.continuations import Continuations
from desktop.page.core import PageCore
from desktop.page.edit import Change, Edit
from desktop.page.excerpt import Excerpt, excerpt
from desktop.page.forks import BranchPosition, ForkView
from desktop.page.generation import Generation
from desktop.page.insertion import Insertion, Reinsertion
from desktop.page.layers import Layers
from desktop.page.lent_rows import LentRows, lend
from desktop.page.listeners import GrowthListener, Listener
from desktop.page.overview import Overview
from desktop.page.snapshot import Snapshot
from desktop.page.sources import Source, Sources
from desktop.page.token_reading import TokenReading
from desktop.page.token_table import TokenRows
from models.engine.events import Span


class Page:
    """What the writer and the model write on. `listeners` are called with every Change, after it is made and recorded,
    `growth_listeners` with every BranchGrowth; an exception in one of them stops nothing (listeners.py)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, limits: Limits = Limits()) -> None:  # noqa: B008
        """clock: seconds; decides which key presses share an undo step."""
        self.listeners: list[Listener] = []
        self.growth_listeners: list[GrowthListener] = []
        self._clock = clock
        self._limits = limits
        self._hold(blank(limits))

    # -------------------------------------------------------------------------------------------- as a whole

    def _hold(self, contents: Contents) -> None:
        self._core = PageCore(contents, self._limits, self._clock, self.listeners, self.growth_listeners)
        self._branches = Branches(self._core)
        self._layers = Layers(self._core)

    @property
    def untouched(self) -> bool:
        """Whether it is empty and nothing ever happened on it."""
        return not (self.length or self._core.branch.forks or self.can_undo or self.can_redo)

    def blank(self) -> Contents:
        """The contents of an empty page, for `put`."""
        return blank(self._limits)

    @property
    def contents(self) -> Contents:
        """All that the page is, as it is now: its own parts, not copies."""
        generations = self._core.generations
        growing = next((one.step for one in generations if one.step is not None), None)
        tails = (one.hidden for one in generations if isinstance(one, Continuation))
        return self._core.contents(growing, tuple(tail for tail in tails if tail is not None))

    def put(self, contents: Contents) -> None:
        """Become the page with these contents, history included; those it had are gone from here. No undo step."""
        self.end_generation()
        removed = self.length
        self._hold(contents)
        self._core.tell(Change(0, removed, self.length, "file"))

    @property
    def sources(self) -> Sources:
        """Who wrote or read the tokens, by the index in their rows."""
        return self._core.sources

    @property
    def alternatives(self) -> AlternativesTable:
        """The alternatives of every token, by the number in its row."""
        return self._core.alternatives

    @property
    def layers(self) -> Layers:
        """What models other than the writing ones say about the text."""
        return self._layers

    @property
    def overview(self) -> Overview:
        """The surprisal of whole stretches of it."""
        return Overview(self._core.chunks)

    # -------------------------------------------------------------------------------------------- text and tokens

    @property
    def length(self) -> int:
        """Units of text."""
        return len(self._core.branch)

    @property
    def token_count(self) -> int:
        """Tokens on the page: drawn, or read in the writer's own text."""
        return self._core.chunks.count(0)

    def text(self, start: int = 0, end: int | None = None) -> str:
        """The text of [start, end), by default all. Lone surrogates survive."""
        return self._core.chunks.text(max(0, start), self.length if end is None else min(end, self.length))

    def snapshot(self) -> Snapshot:
        """The text as it is now, for another thread."""
        return Snapshot.of(self._core.chunks.parts)

    def tokens(self, start: int, end: int) -> TokenRows:
        """A copy of the rows of all runs that reach into [start, end), starts from the page's beginning."""
        return queries.rows(self._core.chunks, start, end)

    def lend(self, start: int, end: int) -> list[LentRows]:
        """The rows and the text of [start, end) as they are now, for another thread."""
        return lend(self._core.chunks, max(0, start), min(end, self.length))

    def span_at(self, position: int) -> tuple[int, int] | None:
        """Start and end of the run that covers the unit at position; None where no token covers it."""
        return queries.run_at(self._core.chunks, position)

    def readings_at(self, position: int) -> tuple[TokenReading, ...]:
        """The reading of each token of the run that covers the unit at position; empty where there is none."""
        return queries.readings_at(self._core.chunks, self.sources, self.alternatives, position)

    def stale(self, rows: TokenRows) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each row, in the order of `tokens`: whether the page before it differs from what the model read."""
        return queries.stale(self._core.chunks, rows)

    def generated_ranges(self, start: int, end: int) -> list[tuple[int, int]]:
        """The ranges within [start, end) that a model wrote, neighbours merged."""
        return queries.generated_ranges(self._core.chunks, start, end)

    def prefix_hash(self, end: int) -> int:
        """A number that changes with the text and the tokens before end, and with nothing else."""
        return self._core.branch.hash_before(end)

    def excerpt(self, end: int | None, fingerprint: str, reach: int, n_keep: int = 0) -> Excerpt:
        """The page up to end for the engine: what that model generated as tokens, the rest as text. Text before the
        last `reach` tokens and after the first `n_keep` is only counted."""
        last = self.length if end is None else end
        return excerpt(self._core.chunks, last, self.sources.of_model(fingerprint), reach, n_keep)

    def tally(self, end: int | None = None) -> tuple[int, int]:
        """How many tokens the page holds up to end, and how many of its units there no token covers."""
        return self._core.chunks.tally(0, self.length if end is None else end)

    # -------------------------------------------------------------------------------------------- the writer

    def write(self, start: int, removed: int, text: str, joins: bool = False) -> None:
        """Replace `removed` units at start by the writer's text. joins: a key press, which may share an undo step with
        the ones before it. Raises IndexError outside the page."""
        writing.write(self._core, start, removed, text, joins)

    def write_many(self, changes: Sequence[tuple[int, int, str]]) -> None:
        """Change many places in one undo step, as `write` does each: (start, units removed, text), ascending, without
        overlaps. The text between them keeps its tokens. Raises IndexError where one overlaps or is outside."""
        writing.check(self._core, changes)
        replacements = Replacements.of([change for change in changes if change[1] or change[2]])
        self.write_prepared(list(self.prepared(replacements)))

    def prepared(self, replacements: Replacements) -> Iterator[Edit]:
        """The edits that do the replacements, last places first, made one by one: most of the work, and no change yet.
        They hold as long as nothing changes before the end of the first one made."""
        return writing.prepare(self._core, replacements, self.generation_end)

    def write_prepared(self, edits: Sequence[Edit]) -> None:
        """Apply what `prepared` gave, in that order, as one undo step and one change for the listeners."""
        writing.write_prepared(self._core, edits)

    def add_readings(self, offset: int, spans: Sequence[Span], source: Source) -> int:
        """Put readings on the writer's own text from offset on, where it still is what the model read. Returns the
        number of tokens put on the page. No undo step, no change of text.

        Call it only while `prefix_hash` of the prefix that was sent is unchanged.
        """
        return writing.add_readings(self._core, offset, spans, source)

    # -------------------------------------------------------------------------------------------- the model

    @property
    def generations(self) -> tuple[Generation, ...]:
        """The generations that are open, in the order of their streams."""
        return tuple(self._core.generations)

    @property
    def generating(self) -> bool:
        """Whether a generation is open, or awaited."""
        return bool(self._core.generations)

    @property
    def awaiting(self) -> bool:
        """Whether generations were requested and nothing of them has come: the page is as it was before."""
        return self.generating and not any(generation.has_begun for generation in self._core.generations)

    @property
    def generation_end(self) -> int | None:
        """Where the next token of the generation on the shown branch goes, after whatever the writer types exactly
        there; None without one."""
        return next((generation.end for generation in self._core.generations if generation.is_shown), None)

    def begin_generation(self, source: Source, at: int | None = None) -> Generation:
        """Await a generation at a position, by default the end of the page; the text behind stays there. Its first
        token makes it one undo step that grows; until then nothing on the page changes, nor in its history. Ends the
        generations that are open."""
        self.end_generation()
        place = self.length if at is None else at
        return self._begin(Insertion(self._core, replace(source, inserted=place < self.length), place))

    def choose(self, place: Place, what: Chosen | str) -> int | None:
        """Put a token or text there. What stood there stays as a branch; a branch that begins with the token already is
        shown instead of another one. Returns the position behind it; None, and no change, where the page has another
        token there now. One undo step. Ends the generations that are open."""
        self.end_generation()
        growth = choose(self._core, place, what, goes_on=False)
        return None if growth is None else growth.end

    def choose_and_begin(self, place: Place, what: Chosen | str, source: Source) -> Generation | None:
        """Put a token or text there, on a new branch, and begin a generation behind it, in the same undo step. None,
        and no change, where the page has another token there now. Ends the generations that are open."""
        self.end_generation()
        growth = choose(self._core, place, what, goes_on=True)
        if growth is None:
            return None
        return self._begin(WritingOn(self._core, replace(source, inserted=growth.end < self.length), growth))

    def begin_generations(self, sources: Sequence[Source], at: int | None = None) -> tuple[Generation, ...]:
        """Await several continuations of the page up to a position, by default its end, as streams in the order of the
        sources. With its first token each becomes a branch of one fork there; the text behind the position stays as a
        branch. The first that comes is shown. All are one undo step. Ends the generations that are open."""
        place = self.length if at is None else at
        if len(sources) == 1 and place == self.length:
            return (self.begin_generation(sources[0], place),)
        return self._continue(sources, place)

    def regenerate(self, *sources: Source) -> bool:
        """Await the last generation anew, once for each source: the first token of each opens a new branch beside the
        one that is shown. False where there is no generation to replace."""
        self.end_generation()
        fork = self._branches.last_generation()
        if fork is None:
            return False
        former = self._branches.source_at(fork)
        inserted = former if former is not None and former.inserted else None
        if inserted is not None and len(sources) == 1:
            self._begin(Reinsertion(self._core, replace(sources[0], inserted=True), fork, inserted))
        elif inserted is not None or fork.position < self.length:
            self._continue(sources, fork.position, fork.id, inserted)
        else:
            self.begin_generations(sources)
        return True

    def _begin(self, generation: Generation) -> Generation:
        self._core.generations.append(generation)
        return generation

    def _continue(
        self, sources: Sequence[Source], at: int, fork: int | None = None, former: Source | None = None
    ) -> tuple[Generation, ...]:
        self.end_generation()
        group = Continuations(self._core, sources, at, fork, former)
        self._core.generations += group.members
        self._core.follow = group.follow
        return tuple(group.members)

    def last_generation(self) -> tuple[int, Source | None] | None:
        """The id of the fork where the last generation began, and the source of the token there: what `regenerate`
        replaces. No source where the writer has changed that token."""
        fork = self._branches.last_generation()
        return None if fork is None else (fork.id, self._branches.source_at(fork))

    def rebind(self) -> None:
        """The engine has read the page as it is now: what it writes from here on is bound to that."""
        for generation in self._core.generations:
            generation.rebind()

    def note_end(self, generation: Generation) -> None:
        """Remember that the model ended the text of an open generation by itself."""
        ended = self._core.ended
        ended.pop(generation.read, None)
        ended[generation.read] = None
        if len(ended) > MOST_ENDS:
            del ended[next(iter(ended))]

    def ends_at(self, position: int) -> bool:
        """Whether a model ended the text before that position by itself, there."""
        ended = self._core.ended
        if all(units != position for units, _ in ended):  # the hash of a long page takes a while
            return False
        return (position, self.prefix_hash(position)) in ended

    def end_generation(self) -> None:
        """Close every generation. Those that wrote nothing leave the page and its history as they were."""
        for generation in self.generations:
            generation.close()
        self._core.follow = None

    # -------------------------------------------------------------------------------------------- branches

    def forks(self) -> tuple[ForkView, ...]:
        """The forks of the shown branch, outermost first."""
        return self._branches.views()

    def branch_at(self, position: int, first_tokens: Sequence[int]) -> tuple[int, int] | None:
        """The ids of a fork on the shown branch at that position, the innermost first, and of its branch that begins
        with these generated tokens; None where there is none."""
        return self._branches.at(position, first_tokens)

    def branch_position(self) -> BranchPosition:
        """The number of the shown branch among those that previous_branch and next_branch switch to."""
        return self._branches.position()

    def switch(self, fork_id: int, branch_id: int) -> None:
        """Show that branch of a fork: one undo step. Ends a generation that `begin_generation` began; continuations go
        on as far as continuations.py says. Raises KeyError where there is no such fork or branch."""
        self._branches.check(fork_id, branch_id)
        if self.awaiting or not all(isinstance(one, Continuation) for one in self._core.generations):
            self.end_generation()
        self._branches.switch(fork_id, branch_id)

    def previous_branch(self) -> bool:
        """Show the branch before the one shown; False where there is none."""
        return self._switch_by(-1)

    def next_branch(self) -> bool:
        """Show the branch after the one shown; False where there is none."""
        return self._switch_by(1)

    def _switch_by(self, step: int) -> bool:
        neighbour = self._branches.neighbour(step)
        if neighbour is not None:
            self.switch(*neighbour)
        return neighbour is not None

    # -------------------------------------------------------------------------------------------- history

    @property
    def can_undo(self) -> bool:
        return bool(self._core.history.undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._core.history.redo)

    @property
    def undo_stops_generation(self) -> bool:
        """Whether the next undo takes back what is being generated: the engine has to be stopped first."""
        return any(generation.is_newest for generation in self._core.generations)

    def undo(self) -> Change | None:
        """Take the newest step back. Returns its last change, behind which the caret belongs; None where nothing
        changed."""
        if self.undo_stops_generation:
            awaiting = self.awaiting
            self.end_generation()
            if awaiting:
                return None
        return self._core.undo()

    def redo(self) -> Change | None:
        """Do again what was undone last. Returns as `undo` does."""
        if self.awaiting:
            self.end_generation()  # what is done again may be older than the place that it awaits
        return self._core.redo()
