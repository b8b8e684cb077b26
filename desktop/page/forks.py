"""The tree: forks on the path that is shown, and the branches that are not.

A fork stands between two units of the path. All behind it is the tail of its active branch; the other branches keep
theirs beside the path, with forks of their own. Typing in shared text serves every branch, since no branch holds a copy
of it. Knows nothing of undo.
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
    """Text, tokens and forks: a whole page, or the tail of a branch. Positions from its own beginning.

    A run that reached across the fork stands in `straddling` (rows relative to the tail) with the text it covers before
    the fork.
    """

    chunks: Chunks
    forks: "list[Fork]" = field(default_factory=list)
    straddling: TokenRows = field(default_factory=lambda: NONE)
    before: bytes = b""


@dataclass(slots=True, eq=False)
class Branch:
    """One way on from a fork. tail: None while it is the one shown."""

    id: int
    tail: Content | None = None


@dataclass(slots=True, eq=False)
class Fork:
    """A place on the path where the text goes on in one of several ways. branches: in the order of their births, which
    numbers them; those whose text was undone, and that another took the place of, at the end. writes: a generation
    began here."""

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


def add(fork: Fork, branch: Branch) -> None:
    """One more branch is born. It gets the next number: that of a branch which holds nothing is free."""
    place = len(fork.branches)
    while place and is_empty(fork.branches[place - 1]):
        place -= 1
    fork.branches.insert(place, branch)


def give_place(fork: Fork, branch: Branch) -> None:
    """The text of the branch that is shown was undone, and lives on in this one: it keeps its number, and what comes to
    stand on the shown one gets the next."""
    shown = fork.branch(fork.active)
    place = fork.branches.index(shown)
    fork.branches[place] = branch
    add(fork, shown)


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the branch that is shown stands at a fork. place: its number, counted from 1 and given at birth; 0 where
    there is no choice. numbers: of all that hold text; that of the shown one is missing where its text was undone."""

    place: int = 0
    numbers: tuple[int, ...] = ()

    @property
    def shown(self) -> int:
        """The number of the branch that is shown, 0 where it holds no text."""
        return self.place if self.place in self.numbers else 0

    @property
    def of(self) -> int:
        """The highest number."""
        return max(self.numbers, default=0)

    def beyond(self, by: int) -> int | None:
        """The nearest number before (-1) or behind (1) the shown one."""
        beyond = [number for number in self.numbers if (number - self.place) * by > 0]
        return (min if by > 0 else max)(beyond) if beyond else None


def turn(fork: Fork, path: Chunks) -> Turn:
    """Where the branch that is shown stands among those of its fork."""
    place, numbers = 0, list[int]()
    for number, branch in enumerate(fork.branches, 1):
        if branch.id == fork.active:
            place = number
        if fork.position < len(path) if branch.id == fork.active else not is_empty(branch):
            numbers.append(number)
    return Turn(place, tuple(numbers))


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch as others see it. preview: how it begins. tokens: how many it holds up to its end."""

    id: int
    preview: str
    tokens: int
    active: bool


@dataclass(frozen=True, slots=True)
class ForkView:
    """A fork on the path as others see it."""

    id: int
    position: int
    branches: tuple[BranchView, ...]


def every_fork(forks: list[Fork]) -> Iterator[Fork]:
    """The forks, and those on their stored branches, all the way down, which may be thousands deep."""
    todo = forks[::-1]
    while todo:
        fork = todo.pop()
        yield fork
        for branch in reversed(fork.branches):
            if branch.tail is not None:
                todo += reversed(branch.tail.forks)


def position_of(fork: Fork) -> int:
    """Forks on a path stand in the order of their positions."""
    return fork.position


def index_of(forks: list[Fork], fork: Fork) -> int:
    """Where a fork on the path stands among them; found from its position, since there may be thousands."""
    return forks.index(fork, bisect_left(forks, fork.position, key=position_of))


def insert(forks: list[Fork], fork: Fork) -> None:
    """Put a fork on the path, innermost of those at its position."""
    forks.insert(bisect_right(forks, fork.position, key=position_of), fork)


def anchors(forks: list[Fork], edit: Edit) -> tuple[tuple[int, int], ...]:
    """The forks that the edit's removal would move in a way that cannot be computed back."""
    if not edit.removed:
        return ()
    first, last = edit.start, edit.start + edit.removed
    begin = bisect_left(forks, first, key=position_of)
    end = bisect_right(forks, last, begin, key=position_of)
    return tuple((fork.id, fork.position - first) for fork in forks[begin:end])


def follow(forks: list[Fork], edit: Edit, length: int) -> None:
    """Move the forks with an edit of a path of that length (before it). Those before the edit stay; an earlier removal
    has moved none of its anchors there."""
    first = bisect_left(forks, edit.start, key=position_of)
    if first == len(forks):
        return
    end, shift = edit.start + edit.removed, edit.inserted - edit.removed
    last = len(forks) if edit.anchors else bisect_right(forks, end, first, key=position_of)
    known, stay = dict(edit.anchors), outer(forks, edit.behind)
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
    """The fork with that id, if it is on the path, and those that enclose it. No fork has the id 0."""
    if not fork_id:
        return frozenset()
    ids = [fork.id for fork in forks]
    return frozenset(ids[: ids.index(fork_id) + 1]) if fork_id in ids else frozenset()


def _followed(position: int, edit: Edit, length: int) -> int:
    """A fork inside what goes away stands where that was. Text that comes in exactly at a fork is shared by its
    branches where there is text behind, and belongs to the active branch where there is none."""
    end = edit.start + edit.removed
    if position < edit.start:
        return position
    if not edit.behind and not edit.removed and position == edit.start == length:
        return position
    if position >= end:
        return position + edit.inserted - edit.removed
    return edit.start


def view(fork: Fork, path: Chunks) -> ForkView:
    """The fork as others see it."""
    return ForkView(fork.id, fork.position, tuple(_branch_view(fork, branch, path) for branch in fork.branches))


def _branch_view(fork: Fork, branch: Branch, path: Chunks) -> BranchView:
    chunks, start = (path, fork.position) if branch.tail is None else (branch.tail.chunks, 0)
    end = min(len(chunks), start + 2 * PREVIEW)
    preview = utf16.whole(chunks.text(start, end))[:PREVIEW]
    return BranchView(branch.id, preview, chunks.count(start), branch.id == fork.active)
