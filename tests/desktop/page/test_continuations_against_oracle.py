"""Several generations at once, on branches that are shown or not, against the naive page of the oracle.

A growth of a branch comes to the end of every remembered state of the page that shows the branch, and of what is
remembered of the branch while it is hidden; to the mark in them where the text behind stays.
"""

import random
from dataclasses import dataclass, replace

import pytest

from desktop.page.continuation import Continuation
from desktop.page.edit import BranchGrowth, Switch
from desktop.page.forks import Fork, ForkView, every_fork
from desktop.page.generation import Generation
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED
from tests.desktop.page.test_page_against_oracle import (
    MODELS,
    SOME_TEXTS,
    SOME_WORDS,
    Cells,
    PageMachine,
    State,
    edited,
    prefix_of,
    text_of,
    whole_runs,
)
from tests.desktop.page.test_page_against_oracle import walk as walk_alone

WALKS = 4


@dataclass
class Stream:
    """One of the continuations. prefix: what its model has read before its next token."""

    generation: Generation
    source: Source
    prefix: tuple[object, ...]

    @property
    def branch(self) -> int | None:
        assert isinstance(self.generation, Continuation)
        return self.generation.branch[1] if self.generation.branch else None


class TreeMachine(PageMachine):
    """The oracle's machine, where several generations may be open."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: list[Stream] = []
        self.fork: int | None = None  # of the streams, once a token came
        self.own: int | None = None  # index in `done` of the state behind what one stream wrote in a step of its own
        self.behind: Cells | None = None  # the text that each stream keeps behind it, with the mark before it
        self.before: tuple[int, str] = 0, ""  # the fork of the page that is it or holds it, and the text before that
        self.tail_shows: dict[int, int] = {}  # hidden branches that hold the fork, and its branch that each shows
        self.hidden_growth: list[BranchGrowth] = []
        self.page.growth_listeners.append(self.hidden_growth.append)

    @property
    def writes(self) -> bool:
        return super().writes or any(stream.generation.is_open for stream in self.streams)

    # ---------------------------------------------------------------------------------------- the streams

    def continue_by(self, count: int, at: int, again: bool) -> None:
        """Ask for continuations; again: of the place where the last generation began."""
        self.end()
        sources = [Source(MODELS[i % 2], take=self.next_token) for i in range(count)]
        last = self.page.last_generation()
        if again and (last is None or self.fork_of(last[0]).position == self.page.length):
            return
        if again and last:
            assert self.page.regenerate(*sources)
            generations, at = self.page.generations, self.fork_of(last[0]).position
            self.again = last[0]
        else:
            generations = self.page.begin_generations(sources, at)
        assert [generation.stream for generation in generations] == list(range(count))
        self.former = last[1] if again and last and last[1] is not None and last[1].inserted else None
        self.await_at(at)
        if count == 1 and not isinstance(generations[0], Continuation):
            self.source = replace(sources[0], inserted=self.former is not None or at < self.page.length)
            return
        kept = self.former is not None
        named = [replace(source, stream=i, inserted=kept) for i, source in enumerate(sources)] if count > 1 else sources
        self.streams = [Stream(g, s, self.prefix) for g, s in zip(generations, named, strict=True)]

    def fork_of(self, fork: int) -> ForkView:
        return next(one for one in self.page.forks() if one.id == fork)

    def write_stream(self, which: int, words: list[tuple[str, int, bool]], apart: bool = False) -> None:
        """The next tokens of one of the streams. apart: as a step of its own, which
        only one that is alone and shown can be."""
        stream = self.streams[which % len(self.streams)]
        was_open = stream.generation.is_open
        if was_open and self.fork is None:
            self.forget_mark()
        place, before = self.page.generation_end, self.cells
        told = len(self.hidden_growth)
        self.prefix, self.source = stream.prefix, stream.source
        spans, new = self.written(words)
        if not was_open:
            for token in {token for cell in new if cell.run for token in cell.run.ids}:
                del self.made[token]
        stream.generation.append(spans, apart=apart)
        if not was_open:
            return
        stream.prefix = self.prefix
        assert stream.branch is not None
        if self.fork is None:
            assert place is not None
            self.first_token(stream, place, before)
        if len(self.page.contents.undo) == len(self.done):
            assert (apart or self.own is not None) and stream.generation.is_shown and len(self.streams) == 1
            self.done.append(replace(self.done[-1]))
            self.own = len(self.done) - 1
        self.grow_branch(stream.branch, new, self.hidden_growth[told:])

    def first_token(self, stream: Stream, place: int, before: Cells) -> None:
        """The fork is there, and this stream is shown."""
        assert isinstance(stream.generation, Continuation) and stream.generation.branch is not None
        self.fork, shown = stream.generation.branch
        fork = self.fork_of(self.fork)
        assert fork.position == place and stream.generation.is_shown
        switch = self.page.contents.undo[-1].operations[-1]
        assert isinstance(switch, Switch)
        self.tails[switch.branch] = before[place:]
        self.behind = None if self.former is None else (None, *before[self.former_end(place, before) :])
        self.done.append(State((*before[:place], *(self.behind or ())), shows=shown))
        self.undone.clear()
        self.awaited, self.again = False, None
        self.before = self.fork, text_of(before[:place])

    def grow_branch(self, branch: int, new: list, told: list[BranchGrowth]) -> None:
        shown = self.done[-1].shows == branch
        if not shown:
            tail = self.tails.get(branch, self.behind or ())
            start = len(tail) if self.behind is None else tail.index(None)
            assert self.fork is not None
            assert sum(growth.units for growth in told) == len(new)
            assert told[0] == BranchGrowth(self.fork, branch, start, told[0].units)
            self.tails[branch] = self.grown(tail, new)
        else:
            assert not told
        on_own = self.own is not None and self.own == len(self.done) - 1
        for state in (*(self.done[-1:] if on_own else self.done), *self.undone):
            if state.shows == branch:
                state.cells = self.grown(state.cells, new)
        for holder, shows in self.tail_shows.items():
            if shows == branch:
                self.tails[holder] = (*self.tails[holder], *new)
        if self.undone and not self.page.can_redo:
            assert self.behind is not None and self.scored
            self.undone.clear()

    def grown(self, cells: Cells, new: list) -> Cells:
        return (*cells, *new) if self.behind is None else edited(cells, cells.index(None), 0, new, growth=True)[0]

    def forget_marks_of(self, branch: int | None) -> None:
        """Nothing grows on that branch any more."""
        for state in (*self.done, *self.undone):
            if state.shows == branch:
                state.cells = tuple(cell for cell in state.cells if cell)
        if branch is not None and branch in self.tails:
            self.tails[branch] = tuple(cell for cell in self.tails[branch] if cell)

    def stream(self, words: list[tuple[str, int, bool]], apart: bool = False) -> None:
        if self.streams:
            self.write_stream(0, words, apart)
        else:
            super().stream(words, apart)

    def close_stream(self, which: int) -> None:
        if self.streams:
            self.streams[which % len(self.streams)].generation.close()
            self.settle()

    def end(self) -> None:
        super().end()
        if self.streams:
            self.page.end_generation()
            self.streams, self.fork, self.own = [], None, None
            self.awaited, self.again, self.behind = False, None, None
            self.forget_mark()
            self.tails = {branch: tuple(cell for cell in tail if cell) for branch, tail in self.tails.items()}

    # ---------------------------------------------------------------------------------------- all else

    def settle(self) -> None:
        """After a deed: streams whose prefix changed while they were hidden are closed; which branch is shown."""
        if self.fork is None and self.streams and not any(stream.generation.is_open for stream in self.streams):
            self.end()
        if self.fork is None:
            return
        open_ones = [stream for stream in self.streams if stream.generation.is_open]
        fork = self.watched()
        if fork is None:
            assert not open_ones
            self.end()
            return
        self.done[-1].shows = fork.active if fork.id == self.fork else None
        for stream in self.streams if self.behind is not None else ():
            if stream.branch is not None and not stream.generation.is_open:
                self.forget_marks_of(stream.branch)
        before = fork.id, self.page.text(0, fork.position)
        if before[0] == self.before[0] and before[1] != self.before[1]:
            assert all(stream.branch == self.done[-1].shows for stream in open_ones)
        self.before = before

    def watched(self) -> Fork | None:
        """The fork of the page that is the streams' fork, or that holds it in a hidden branch."""
        for fork in self.page.contents.path.forks:
            if fork.id == self.fork:
                return fork
            tails = [branch.tail.forks for branch in fork.branches if branch.tail is not None]
            if any(inner.id == self.fork for tail in tails for inner in every_fork(tail)):
                return fork
        return None

    def type(self, share: float, removed: int, text: str, joins: bool) -> None:
        start = self.position(share)
        removed = min(removed, self.page.length - start)
        open_ones = [stream for stream in self.streams if stream.generation.is_open]
        before = self.watched()
        place = before.position if before is not None else 0
        super().type(share, removed, text, joins)
        fork = self.watched()
        if fork is not None and (removed or text):
            assert fork is before
            shown = fork.active if fork.id == self.fork else 0
            same = start >= place == fork.position
            ended = self.behind is not None and self.done[-1].closed
            for one in open_ones:
                expected = (same or one.branch == shown) and not (ended and one.branch == shown)
                assert one.generation.is_open == expected or (self.behind is not None and self.scored)
        self.settle()

    def read_anew(self) -> None:
        super().read_anew()
        for stream in self.streams:
            if not stream.generation.is_open:
                continue
            if stream.generation.is_shown:
                end = self.page.generation_end
                assert end is not None
                stream.prefix = prefix_of(self.cells, end)
            elif (watched := self.watched()) is None or watched.id == self.fork:
                place = self.fork_of(self.fork).position if self.fork is not None else 0
                tail = self.tails.get(stream.branch, ()) if stream.branch is not None else ()
                tail = tail[: tail.index(None)] if None in tail else tail
                whole = (*self.cells[:place], *tail)
                stream.prefix = prefix_of(whole, len(whole))

    def switch(self, which: int) -> None:
        if self.fork is None:
            super().switch(which)
            return
        choices = [(f, b) for f in self.page.forks() for b in f.branches if not b.active]
        if not choices:
            return
        fork, branch = choices[which % len(choices)]
        open_before = [stream for stream in self.streams if stream.generation.is_open]
        hidden_before = [stream for stream in open_before if not stream.generation.is_shown]
        actives = self.actives()
        (old,) = [b.id for b in fork.branches if b.active]
        before = self.cells
        self.page.switch(fork.id, branch.id)
        self.left(old, fork.position, before)
        self.note_holder(actives, before, old)
        self.done.append(State(self.arrived(branch.id, fork.position, before)))
        self.undone.clear()
        watched = self.watched()
        stay = hidden_before if watched is not None and watched.id == self.fork != fork.id else open_before
        ended = self.behind is not None and (watched is None or watched.id != self.fork)
        assert all(stream.generation.is_open != ended for stream in stay)
        self.settle()

    def note_holder(self, actives: dict[int, tuple[int, int]], before: Cells, branch: int) -> None:
        """That branch was left; whether it holds the streams' fork."""
        if self.fork is not None and self.fork in actives and self.fork not in self.actives():
            place, shown = actives[self.fork]
            self.tail_shows[branch] = shown
            self.tails[shown] = tuple(cell for cell in before if cell)[place:]

    def left(self, branch: int, position: int, cells: Cells) -> None:
        """Only a branch of the streams has a mark, behind their fork."""
        marked = self.behind is not None and any(stream.branch == branch for stream in self.streams)
        self.tails[branch] = (cells if marked else tuple(cell for cell in cells if cell))[position:]

    def arrived(self, branch: int, position: int, before: Cells) -> Cells:
        tail, cells = self.tails.get(branch, ()), super().arrived(branch, position, before)
        if None in tail and None not in cells:
            mark = position + tail.index(None)
            cells = (*cells[:mark], None, *cells[mark:])
        return cells

    def remember(self, actives: dict[int, tuple[int, int]], before: Cells, *, emptied: bool = False) -> None:
        super().remember(actives, before, emptied=emptied)
        for fork, (_, branch) in self.actives().items():
            if fork in actives and actives[fork][1] != branch and not emptied:
                self.left(actives[fork][1], actives[fork][0], before)
        for fork, (_, branch) in self.actives().items():
            if fork in actives and actives[fork][1] != branch:
                self.note_holder(actives, before, actives[fork][1])

    def undo(self) -> None:
        super().undo()
        self.settle()

    def redo(self) -> None:
        super().redo()
        self.settle()

    # ---------------------------------------------------------------------------------------- what must hold

    def hidden_branches_hold_their_text(self) -> None:
        for fork in self.page.contents.path.forks:
            for branch in fork.branches:
                if branch.tail is not None and branch.id in self.tails:
                    chunks = branch.tail.chunks
                    assert chunks.text(0, len(chunks)) == text_of(self.tails[branch.id])

    def branches_are_found_by_their_tokens(self) -> None:
        for fork in self.page.contents.path.forks:
            for branch in fork.branches:
                shown = branch.id == fork.active
                page = tuple(cell for cell in self.cells if cell)
                tokens = first_tokens(page[fork.position :] if shown else self.tails.get(branch.id, ()))
                if tokens:
                    found = self.page.branch_at(fork.position, tokens)
                    assert found is not None
                    assert found == (fork.id, branch.id) or self.is_double(found, tokens)

    def is_double(self, found: tuple[int, int], tokens: list[int]) -> bool:
        """Whether another branch begins with these tokens: the shown one of several forks at one place, or what a
        dropped redo copied."""
        rows = next(one for one in self.page.contents.path.forks if one.id == found[0])
        tail = rows.branch(found[1]).tail
        chunks, start = (self.page.contents.path.chunks, rows.position) if tail is None else (tail.chunks, 0)
        return chunks.rows(start, len(chunks))["id"].tolist()[: len(tokens)] == tokens

    def check(self) -> None:
        super().check()
        self.hidden_branches_hold_their_text()
        self.branches_are_found_by_their_tokens()
        self.ids_are_unique()
        hidden = [stream for stream in self.streams if stream.generation.is_open and not stream.generation.is_shown]
        tails = self.page.contents.hidden
        assert len(tails) == sum(stream.branch is not None for stream in hidden)


def first_tokens(cells: Cells) -> list[int]:
    """The generated tokens that the text begins with, without text between them."""
    runs = whole_runs(cells)
    tokens, end = list[int](), 0
    while end in runs and runs[end].kind == GENERATED:
        tokens += runs[end].ids
        end += runs[end].length
    return tokens


def continue_somewhere(machine: TreeMachine, chance: random.Random, words: list[tuple[str, int, bool]]) -> None:
    """Ask for continuations: at a place, of the last generation again, or again of one that is inserted now."""
    at = machine.page.length if chance.random() < 0.6 else chance.randint(0, machine.page.length)
    if inserted := chance.random() < 0.3:
        machine.generate(chance.random(), False, chance.choice(MODELS))
        machine.stream(words)
    machine.continue_by(chance.choice((1, 1, 1, 2, 3, 4, 5)), at, inserted or chance.random() < 0.3)


def walk(machine: TreeMachine, chance: random.Random) -> None:
    """One random step."""
    words = [(chance.choice(SOME_WORDS), chance.randint(1, 3), chance.random() < 0.1)] * chance.randint(1, 4)
    match chance.randint(0, 20):
        case 0 | 1 if not machine.streams or chance.random() < 0.2:
            continue_somewhere(machine, chance, words)
        case 2 | 3 | 4 | 5 | 6 | 7 | 8 if machine.streams:
            machine.write_stream(chance.randint(0, 9), words, apart=chance.random() < 0.5)
        case 9 | 10 if machine.fork is not None:
            machine.switch(chance.randint(0, 20) if chance.random() < 0.6 else -1)
        case 11 if machine.streams and chance.random() < 0.4:
            machine.close_stream(chance.randint(0, 9))
        case 12 | 13 if (fork := machine.watched()) is not None:  # behind the fork, where nothing ends
            place = fork.position
            start = chance.randint(place, machine.page.length)
            share = start / max(1, machine.page.length)
            if machine.position(share) > place:
                machine.type(share, chance.choice((0, 0, 1, 3)), chance.choice(SOME_TEXTS), chance.random() < 0.5)
        case 14 | 15:
            machine.undo()
        case 16:
            machine.redo()
        case _ if not machine.streams or chance.random() < 0.5:
            walk_alone(machine, chance)
        case _:
            pass


@pytest.mark.parametrize("seed", (*range(16), 20, 36, 278, 279, 284, 414))
def test_long_walks(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(WALKS):
        machine = TreeMachine()
        machine.begin(chance.choice(SOME_TEXTS))
        for _ in range(chance.randint(5, 80)):
            walk(machine, chance)
            machine.check_all()
        machine.teardown()
