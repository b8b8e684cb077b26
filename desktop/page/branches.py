"""The branches of a page: which there are, which is shown, and switching between them.

The tree itself is forks.py and shown_branch.py; here a switch becomes an undo step.
"""

from desktop.page import forks
from desktop.page.core import PageCore
from desktop.page.edit import Switch
from desktop.page.forks import BranchPosition, Fork, ForkView
from desktop.page.history import Step
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED


class Branches:
    """The forks of the shown branch and the branches that they offer."""

    def __init__(self, core: PageCore) -> None:
        self._core = core

    def views(self) -> tuple[ForkView, ...]:
        """The forks of the shown branch, outermost first."""
        branch = self._core.branch
        return tuple(forks.view(fork, branch.chunks) for fork in branch.forks)

    # -------------------------------------------------------------------------------------------- switching

    def position(self) -> BranchPosition:
        """The number of the shown branch among those that previous and next switch to."""
        fork = self._current_fork()
        return BranchPosition() if fork is None else forks.position_of_branch(fork, self._core.chunks)

    def neighbour(self, step: int) -> tuple[int, int] | None:
        """Ids of the fork and of its nearest branch with text before (-1) or after (1) the shown one; None where there
        is none."""
        fork = self._current_fork()
        number = forks.position_of_branch(fork, self._core.chunks).beyond(step) if fork else None
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
        core.chosen_fork = fork_id
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
        """The source of the generated token that begins the shown branch of that fork; None where the writer has
        changed that token."""
        rows = self._core.chunks.rows(fork.position, min(fork.position + 1, len(self._core.chunks)))
        rows = rows[rows["kind"] == GENERATED]
        return self._core.sources[int(rows["source"][0])] if len(rows) else None
