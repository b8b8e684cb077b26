"""The tree of branches: forks, and how they move with edits.

A fork stands between two units of the shown branch. All text after it is the tail of its active branch; its other
branches store their tails, with forks of their own. Text before a fork is stored once, so an edit there is seen in all
of its branches.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from desktop.page import utf16
from desktop.page.chunks import Chunks
from desktop.page.edit import Edit
from desktop.page.token_table import NONE, TokenRows

PREVIEW = 80  # code points of a branch that a list of branches shows


@dataclass(slots=True, eq=False)
class Content:
    """Text, tokens and forks: a whole page, or the tail of a branch. Positions count from its own beginning.

    straddling: the rows of a run that reached across the fork, relative to the tail. before: the units that the run
    covers before the fork.
    """

    chunks: Chunks
    forks: "list[Fork]" = field(default_factory=list)
    straddling: TokenRows = field(default_factory=lambda: NONE)
    before: bytes = b""


@dataclass(slots=True, eq=False)
class Branch:
    """One continuation of a fork. tail: None while it is the one shown."""

    id: int
    tail: Content | None = None


@dataclass(slots=True, eq=False)
class Fork:
    """A position where the text goes on in one of several branches. branches: in the order in which they were made,
    which numbers them from 1; those whose text was undone and whose number is taken, at the end. active: id of the
    branch that is shown, where the fork is. writes: a generation began here."""

    id: int
    position: int
    branches: list[Branch]
    active: int
    writes: bool = False

    def branch(self, branch_id: int) -> Branch:
        """The branch with that id; KeyError where there is none."""
        for branch in self.branches:
            if branch.id == branch_id:
                return branch
        raise KeyError(branch_id)


def is_empty(branch: Branch) -> bool:
    """Whether a branch that is not shown holds nothing: its text was undone."""
    return branch.tail is not None and not len(branch.tail.chunks) and not branch.tail.forks


def add(fork: Fork, branch: Branch, nothing_shown: bool = False) -> None:
    """Add a new branch. It gets the next number; the numbers of empty branches at the end are free. nothing_shown: the
    shown branch is empty."""
    place = len(fork.branches)
    while place and _is_free(fork, fork.branches[place - 1], nothing_shown):
        place -= 1
    fork.branches.insert(place, branch)


def _is_free(fork: Fork, branch: Branch, nothing_shown: bool) -> bool:
    return is_empty(branch) or (nothing_shown and branch.id == fork.active)


def take_number(fork: Fork, branch: Branch) -> None:
    """Give this branch, which holds the undone text of the shown one, the shown one's number; what is written on the
    shown one next gets a new number."""
    shown = fork.branch(fork.active)
    place = fork.branches.index(shown)
    fork.branches[place] = branch
    add(fork, shown)


@dataclass(frozen=True, slots=True)
class BranchPosition:
    """The number of the shown branch among those of its fork. number: counted from 1; 0 where there is no choice.
    numbers: of all branches that hold text; without the shown one's where its text was undone. left: of the branch that
    the writer left by choosing another token, 0 where there is none."""

    number: int = 0
    numbers: tuple[int, ...] = ()
    left: int = 0

    @property
    def shown(self) -> int:
        """The number of the branch that is shown, 0 where it holds no text."""
        return self.number if self.number in self.numbers else 0

    @property
    def highest(self) -> int:
        """The highest number."""
        return max(self.numbers, default=0)

    def beyond(self, step: int) -> int | None:
        """The number to go back (-1) or on (1) to: that of the branch that was left, else the nearest one below or
        above the shown one; None where there is none."""
        if step < 0 and self.left in self.numbers:
            return self.left
        beyond = [number for number in self.numbers if (number - self.number) * step > 0]
        return (min if step > 0 else max)(beyond) if beyond else None


def position_of_branch(fork: Fork, path: Chunks, left: int = 0) -> BranchPosition:
    """The number of the shown branch among those of that fork. path: the text of the shown branch. left: id of the
    branch that the writer left, 0 for none."""
    shown, number_left, numbers = 0, 0, list[int]()
    for number, branch in enumerate(fork.branches, 1):
        if branch.id == fork.active:
            shown = number
        if branch.id == left:
            number_left = number
        if fork.position < len(path) if branch.id == fork.active else not is_empty(branch):
            numbers.append(number)
    return BranchPosition(shown, tuple(numbers), number_left)


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch, for a list of branches. preview: its first PREVIEW code points. tokens: how many it holds."""

    id: int
    preview: str
    tokens: int
    active: bool


@dataclass(frozen=True, slots=True)
class ForkView:
    """A fork on the shown branch, for a list of branches."""

    id: int
    position: int
    branches: tuple[BranchView, ...]


def every_fork(forks: list[Fork]) -> Iterator[Fork]:
    """The forks and all forks on their stored branches. Not recursive: branches may be thousands deep."""
    todo = forks[::-1]
    while todo:
        fork = todo.pop()
        yield fork
        for branch in reversed(fork.branches):
            if branch.tail is not None:
                todo += reversed(branch.tail.forks)


def position_of(fork: Fork) -> int:
    """The key by which the forks of a branch are in order."""
    return fork.position


def index_of(forks: list[Fork], fork: Fork) -> int:
    """The index of a fork among them, found from its position, since there may be thousands."""
    return forks.index(fork, bisect_left(forks, fork.position, key=position_of))


def insert(forks: list[Fork], fork: Fork, around: int = 0) -> None:
    """Put a fork among them: around the one with that id, if it is at its position; else innermost of those there."""
    last = bisect_right(forks, fork.position, key=position_of)
    first = bisect_left(forks, fork.position, hi=last, key=position_of)
    forks.insert(next((i for i in range(first, last) if forks[i].id == around), last), fork)


def anchors(forks: list[Fork], edit: Edit) -> tuple[tuple[int, int], ...]:
    """(id, offset from the edit's start) of the forks in what the edit removes: their positions cannot be computed back
    from the edited text."""
    if not edit.removed:
        return ()
    first, last = edit.start, edit.start + edit.removed
    begin = bisect_left(forks, first, key=position_of)
    end = bisect_right(forks, last, begin, key=position_of)
    return tuple((fork.id, fork.position - first) for fork in forks[begin:end])


def follow(forks: list[Fork], edit: Edit, length: int) -> None:
    """Move the forks with an edit. length: of the text before it, in units. Forks before the edit stay; none of the
    edit's anchors is there."""
    first = bisect_left(forks, edit.start, key=position_of)
    if first == len(forks):
        return
    end, shift = edit.start + edit.removed, edit.inserted - edit.removed
    last = len(forks) if edit.anchors else bisect_right(forks, end, first, key=position_of)
    known, stay = dict(edit.anchors), outer(forks, edit.after_fork)
    near = forks[first:last]
    for fork in near:
        if fork.id in known:
            fork.position = edit.start + known[fork.id]
        elif fork.id in stay:
            fork.position = min(fork.position, edit.start)
        else:
            fork.position = _followed(fork.position, edit, length)
    near.sort(key=position_of)
    forks[first:last] = near
    for fork in forks[last:] if shift else ():  # there may be thousands
        fork.position += shift


def outer(forks: list[Fork], fork_id: int) -> frozenset[int]:
    """The ids of the fork with that id and of those before it in the list; none where it is not there. No fork has the
    id 0."""
    if not fork_id:
        return frozenset()
    ids = [fork.id for fork in forks]
    return frozenset(ids[: ids.index(fork_id) + 1]) if fork_id in ids else frozenset()


def _followed(position: int, edit: Edit, length: int) -> int:
    """Where a fork stands after the edit; one inside what is removed stands at its start. Text inserted exactly at a
    fork is shared by its branches where text follows, and belongs to the active branch at the end of the page."""
    end = edit.start + edit.removed
    if position < edit.start:
        return position
    if not edit.after_fork and not edit.removed and position == edit.start == length:
        return position
    if position >= end:
        return position + edit.inserted - edit.removed
    return edit.start


def view(fork: Fork, path: Chunks) -> ForkView:
    """The fork, for a list of branches. path: the text of the shown branch."""
    return ForkView(fork.id, fork.position, tuple(_branch_view(fork, branch, path) for branch in fork.branches))


def _branch_view(fork: Fork, branch: Branch, path: Chunks) -> BranchView:
    chunks, start = (path, fork.position) if branch.tail is None else (branch.tail.chunks, 0)
    end = min(len(chunks), start + 2 * PREVIEW)
    preview = utf16.whole(chunks.text(start, end))[:PREVIEW]
    return BranchView(branch.id, preview, chunks.count(start), branch.id == fork.active)
