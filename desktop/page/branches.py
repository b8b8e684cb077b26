"""The branches of a page: which there are, which is shown, and switching between them.

The tree itself is forks.py and shown_branch.py; here a switch becomes an undo step.
"""

from collections.abc import Sequence

import numpy as np

from desktop.page import forks, utf16
from desktop.page.chunks import Chunks
from desktop.page.core import PageCore
from desktop.page.edit import Switch
from desktop.page.forks import BranchPosition, Fork, ForkView
from desktop.page.history import Step
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED, ends

_RUN = ("start", "length", "part", "source")
_TOKEN = ("start", "length", "part", "id", "kind")


class Branches:
    """The forks of the shown branch and the branches that they offer."""

    def __init__(self, core: PageCore) -> None:
        self._core = core

    def views(self) -> tuple[ForkView, ...]:
        """The forks of the shown branch, outermost first."""
        branch = self._core.branch
        return tuple(forks.view(fork, branch.chunks) for fork in branch.forks)

    def at(self, position: int, first_tokens: Sequence[int]) -> tuple[int, int] | None:
        """Ids of the fork at that position and of its branch that begins with these generated tokens, the innermost
        fork first; None where there is none."""
        core = self._core
        for fork in reversed(core.branch.forks):
            for branch in fork.branches if fork.position == position else ():
                chunks, start = (core.chunks, position) if branch.tail is None else (branch.tail.chunks, 0)
                if _begins_with(chunks, start, first_tokens):
                    return fork.id, branch.id
        return None

    # -------------------------------------------------------------------------------------------- switching

    def position(self) -> BranchPosition:
        """The number of the shown branch among those that previous and next switch to."""
        fork = self._current_fork()
        return BranchPosition() if fork is None else self._position_in(fork)

    def _position_in(self, fork: Fork) -> BranchPosition:
        left = self._core.left
        went = left is not None and left[:2] == (fork.id, fork.active)
        return forks.position_of_branch(fork, self._core.chunks, left[2] if left and went else 0)

    def neighbour(self, step: int) -> tuple[int, int] | None:
        """Ids of the fork and of its nearest branch with text before (-1) or after (1) the shown one; before it comes
        the one that was left, where the writer chose another token. None where there is none."""
        fork = self._current_fork()
        number = self._position_in(fork).beyond(step) if fork else None
        return None if fork is None or number is None else (fork.id, fork.branches[number - 1].id)

    def _current_fork(self) -> Fork | None:
        """The fork whose branch was chosen last, if it is on the shown branch, else the last fork with a choice."""
        choices = [fork for fork in self._core.branch.forks if len(fork.branches) > 1]
        return next((fork for fork in choices if fork.id == self._core.chosen_fork), choices[-1] if choices else None)

    def check(self, fork_id: int, branch_id: int) -> None:
        """Raise KeyError where the shown branch has no such fork, or that no such branch."""
        self._core.branch.fork(fork_id).branch(branch_id)

    def switch(self, fork_id: int, branch_id: int) -> None:
        """Show that branch: one undo step, none where it is shown already. Raises KeyError as `check` does."""
        core = self._core
        fork = core.branch.fork(fork_id)
        core.chosen_fork, core.left = fork_id, None
        if fork.active == branch_id:
            return
        core.drop_redo()
        switch = Switch(fork_id, branch_id)
        core.apply([switch], "switch", lambda inverse: core.history.push(Step("switch", [inverse])))

    # -------------------------------------------------------------------------------------------- the last generation

    def last_generation(self) -> Fork | None:
        """The fork where the last generation began, of those on the shown branch."""
        branch = self._core.branch
        last = branch.find(self._core.generation_fork)
        return last or next((fork for fork in reversed(branch.forks) if fork.writes), None)

    def source_at(self, fork: Fork) -> Source | None:
        """The source of the generated token that begins the shown branch of that fork; where nothing is written there,
        behind a token that the writer chose, of that token. None where the writer has changed the token, or it was
        undone and a token of the text before reaches across."""
        place, chunks = fork.position, self._core.chunks
        rows = chunks.rows(place, min(place + 1, len(chunks)))
        rows = rows[rows["kind"] == GENERATED]
        source = self._core.sources[int(rows["source"][0])] if len(rows) else None
        begins = source is not None and place - int(rows["start"][0]) in (0, utf16.length(source.healed))
        return source if begins else self._chosen_before(place)

    def _chosen_before(self, place: int) -> Source | None:
        """The source of the token that ends there, if the writer chose it."""
        rows = self._core.chunks.rows(max(place - 1, 0), place)
        source = self._core.sources[int(rows["source"][-1])] if len(rows) and int(ends(rows)[-1]) == place else None
        return source if source is not None and source.kind == "chosen" else None

    def end_of_generation(self, start: int, source: Source) -> int:
        """Where the tokens end that one generation wrote from that position on, without other text between them; tokens
        that the writer chose in their place count. source: of the first, which was put before other text: what was
        chosen where no text stood behind it is that text."""
        chunks, sources, end = self._core.chunks, self._core.sources, start
        across = chunks.touched(end, end)  # the run of a healed token
        if len(across) and sources[int(across["source"][0])].is_same_generation(source):
            end = int(ends(across)[0])
        for chunk, base in chunks.over(start, len(chunks)):
            rows = chunk.rows[int(chunk.rows["start"].searchsorted(np.int32(max(0, end - base)), "left")) :]
            for begins, length, part, number in zip(*(rows[name].tolist() for name in _RUN), strict=True):
                found = sources[number]
                is_of_it = (found.kind == "chosen" and found.inserted) or found.is_same_generation(source)
                goes_on = part or (base + begins == end and is_of_it)
                if not goes_on:
                    return end
                end = base + begins + length
        return end


def _begins_with(chunks: Chunks, start: int, tokens: Sequence[int]) -> bool:
    """Whether the text from start on begins with these generated tokens, without text between them."""
    found: list[int] = []
    end = start
    for chunk, base in chunks.over(start, len(chunks)):
        rows = chunk.rows[int(chunk.rows["start"].searchsorted(np.int32(max(0, start - base)), "left")) :]
        for begins, length, part, token, kind in zip(*(rows[name].tolist() for name in _TOKEN), strict=True):
            if len(found) == len(tokens) or kind != GENERATED or (part == 0 and base + begins != end):
                return found == list(tokens)
            end = base + begins + length
            found.append(token)
    return found == list(tokens)
